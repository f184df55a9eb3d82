"""How a shop presents itself changes, and the audit says what changed."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID
from zoneinfo import available_timezones

from kernel.db import transaction
from kernel.errors import Conflict
from kernel.money import EXPONENTS
from kernel.text import fingerprint
from tenants.accounts.errors import (
    CurrencyIsFixed,
    NeedsLanguage,
    NoticeTooLong,
    ShopNeedsName,
    UnknownCurrency,
    UnknownLook,
    UnknownTimeZone,
)
from tenants.accounts.models import ShopProfile
from tenants.accounts.queries import get_profile
from tenants.accounts.rich_text import tidy_markdown
from tenants.accounts.rules import LANGUAGES, MAX_NOTICE, plain_line
from tenants.accounts.services.opening import MAX_NAME
from tenants.audit.services import record
from tenants.media.services import remove_picture
from tenants.names.services import claim_shop_name


@dataclass(frozen=True)
class ShopWords:
    """What a shop says about itself. About texts are Markdown; notices are one plain sentence."""

    name: str
    about_en: str
    about_zh: str
    contact_email: str
    contact_phone: str
    notice_en: str = ""
    notice_zh: str = ""


@dataclass(frozen=True)
class ShopLook:
    """A theme and an accent, by their names."""

    theme: str
    accent: str


@dataclass(frozen=True)
class ShopPlace:
    """The money, time and languages a shop works in; its first language is the default."""

    currency: str
    time_zone: str
    languages: list[str]


def change_words(words: ShopWords, *, seen: str = "") -> None:
    """The shop acted for says this about itself. Refused: no name, one that is the
    platform's or another shop's, and too long a notice."""
    name = words.name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise ShopNeedsName
    notices = {"notice_en": plain_line(words.notice_en), "notice_zh": plain_line(words.notice_zh)}
    for field, notice in notices.items():
        if len(notice) > MAX_NOTICE:
            raise NoticeTooLong(field=field, most=MAX_NOTICE)
    with transaction():
        if name != get_profile().name:
            claim_shop_name(name)
        _change(
            asdict(words)
            | notices
            | {
                "name": name,
                "about_en": tidy_markdown(words.about_en),
                "about_zh": tidy_markdown(words.about_zh),
                "contact_email": words.contact_email.strip(),
                "contact_phone": words.contact_phone.strip(),
            },
            seen,
        )


def change_look(look: ShopLook, *, seen: str = "") -> None:
    """The shop acted for looks like this. Refused: what cannot be the name of a theme or accent."""
    if not re.fullmatch(r"[a-z]{1,20}", look.theme) or not re.fullmatch(
        r"[a-z]{1,20}", look.accent
    ):
        raise UnknownLook
    _change(asdict(look), seen)


def change_place(place: ShopPlace, *, has_orders: Callable[[], bool], seen: str = "") -> None:
    """The shop acted for works in this money, time and these languages.

    Refused: another currency once there are orders, because their amounts would change meaning.
    """
    if place.currency not in EXPONENTS:
        raise UnknownCurrency
    if place.time_zone not in available_timezones():
        raise UnknownTimeZone
    if not place.languages or not set(place.languages) <= set(LANGUAGES):
        raise NeedsLanguage
    with transaction():
        # Asked under the lock that placing an order takes as well: no first order slips in between.
        now = get_profile(lock=True).currency
        if place.currency != now and has_orders():
            raise CurrencyIsFixed(currency=now)
        _change(asdict(place), seen)


def change_picture(kind: str, *, media_id: UUID | None) -> None:
    """The shop acted for has this logo or cover, or none; the one before is gone."""
    assert kind in {"logo", "cover"}, "a shop has a logo and a cover"
    with transaction() as session:
        profile = get_profile(lock=True)
        before = getattr(profile, f"{kind}_id")
        setattr(profile, f"{kind}_id", media_id)
        session.flush()
        if before is not None:
            remove_picture(media_id=before)
        record(action=f"shop.{kind}_changed", subject=str(profile.tenant_id), picture=media_id)


def note_samples_removed() -> None:
    """The shop acted for has no sample products any more."""
    with transaction():
        get_profile(lock=True).sample_data = False


def _change(values: dict[str, object], seen: str) -> None:
    """Refused: Conflict, when someone has changed one of these since `seen` was shown."""
    with transaction():
        profile = get_profile(lock=True)
        if seen and seen != fingerprint(profile, values):
            raise Conflict
        changed = [name for name, value in values.items() if getattr(profile, name) != value]
        for name in changed:
            setattr(profile, name, values[name])
        if changed:
            _record_change(profile, changed)


def _record_change(profile: ShopProfile, changed: list[str]) -> None:
    record(action="shop.changed", subject=str(profile.tenant_id), fields=" ".join(sorted(changed)))
