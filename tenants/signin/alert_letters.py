"""Mails about sensitive changes: what, when, by whom, from where, and what to do if it was not
them. Nothing in them is a secret, and nothing that somebody typed is a heading or a link."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import render_template
from flask_babel import get_locale, gettext

from kernel.i18n import speaking
from kernel.jobs import job
from kernel.scope import PLATFORM_ID, acting_for, current_tenant_id
from kernel.settings import settings
from tenants.accounts.queries import find_profile, get_tenant
from tenants.alerts.models import SecurityAlert
from tenants.alerts.queries import get_alert
from tenants.audit.actors import ActorKind
from tenants.mail.services import Envelope, post_mail
from tenants.people.errors import PersonNotFound
from tenants.people.queries import get_person, list_members, list_names, list_shops_of
from tenants.people.rules import Role
from tenants.signin.alert_words import OWN, WHAT
from tenants.signin.devices import device_words
from tenants.signin.words import role_words
from tenants.staff.queries import find_staff

# What is done to one person's way in, and yet concerns all who own their shops.
OWNERS_TOO = {"person.factor_removed", "person.factor_reset"}
WHEN = {"en": "d MMM y, HH:mm", "zh": "y年M月d日 HH:mm"}


@dataclass(frozen=True)
class Reader:
    """Who is told, in which language."""

    email: str
    language: str
    own: bool  # whether it is about their own way in


@job
def send_alerts(*, alert_id: UUID) -> None:
    """Everyone the alert is for has a mail on its way, in their own language."""
    alert = get_alert(alert_id)
    profile = find_profile()
    shop = profile.name if profile is not None else ""
    zone = profile.time_zone if profile is not None else "UTC"
    for reader in _readers(alert):
        with speaking(reader.language):
            _post(alert, reader, shop=shop, zone=zone)


def _readers(alert: SecurityAlert) -> list[Reader]:
    found = {reader.email: reader for reader in _named(alert)}
    if alert.action in OWNERS_TOO and current_tenant_id() == PLATFORM_ID:
        for owner in _owners_around(UUID(alert.subject)):
            found.setdefault(owner.email, owner)
    return list(found.values())


def _named(alert: SecurityAlert) -> Iterator[Reader]:
    for recipient in alert.recipients:
        if "@" in recipient:
            yield Reader(recipient, "en", own=True)
            continue
        own = recipient == alert.subject and alert.action.startswith((*OWN, "staff."))
        try:
            person = get_person(UUID(recipient))
            yield Reader(person.email, person.language, own)
        except PersonNotFound:
            member = find_staff(UUID(recipient))
            if member is not None:
                yield Reader(member.email, "en", own)


def _owners_around(person_id: UUID) -> Iterator[Reader]:
    for shop in list_shops_of(person_id):
        with acting_for(shop.tenant_id):
            owners = [member.person_id for member in list_members() if member.role is Role.OWNER]
        for owner_id in owners:
            owner = get_person(owner_id)
            yield Reader(owner.email, owner.language, own=owner_id == person_id)


def _post(alert: SecurityAlert, reader: Reader, *, shop: str, zone: str) -> None:
    facts = {
        "what": gettext(WHAT[alert.action]),
        "lines": list(_lines(alert, shop=shop, zone=zone)),
        "own": reader.own,
        "act_url": _where_to_act(alert, reader),
        "forgotten_url": f"{settings().app_origin}/forgotten-password",
    }
    subject = gettext("Sheaf: a security-relevant change")
    html = render_template("site/mails/alert.html", subject=subject, **facts)
    text = render_template("site/mails/alert.txt", subject=subject, **facts)
    envelope = Envelope(from_name="Sheaf", reference=str(alert.id))
    post_mail(
        to=reader.email, subject=subject, html=html, text=text, kind="security_alert", **envelope
    )


def _where_to_act(alert: SecurityAlert, reader: Reader) -> str:
    if reader.own or current_tenant_id() == PLATFORM_ID:
        return f"{settings().app_origin}/account"
    return f"{settings().app_origin}/{get_tenant(alert.tenant_id).slug}/history"


def _lines(alert: SecurityAlert, *, shop: str, zone: str) -> Iterator[tuple[str, str]]:
    locale = get_locale()
    pattern = WHEN["zh" if locale is not None and locale.language == "zh" else "en"]
    when = format_datetime(alert.at, pattern, tzinfo=ZoneInfo(zone), locale=locale)
    if shop:
        yield gettext("Shop"), shop
    yield gettext("When"), f"{when} ({zone})"
    yield gettext("By"), _by(alert)
    if alert.network or alert.device:
        place = gettext("%(device)s, network %(network)s", device=device_words(alert.device),
                        network=alert.network or "?")  # fmt: skip
        yield gettext("From"), place
    yield from _about(alert)


def _by(alert: SecurityAlert) -> str:
    if alert.actor_kind == ActorKind.STAFF:
        return str(gettext("Sheaf (%(name)s)", name=alert.actor_name or "?"))
    if alert.actor_kind == ActorKind.JOB:
        return str(gettext("Sheaf, by itself"))
    return alert.actor_name or str(gettext("We do not know"))


def _about(alert: SecurityAlert) -> Iterator[tuple[str, str]]:
    about = _name_of(alert)
    if about:
        yield gettext("About"), about
    facts = alert.facts
    if "role" in facts:
        before = [facts["before"]] if "before" in facts else []
        roles = " → ".join(role_words(Role(role)) for role in [*before, facts["role"]])
        yield gettext("Role"), roles
    if "hint" in facts:
        yield gettext("Key ends in"), str(facts["hint"])
    if "left" in facts:
        yield gettext("Recovery codes left"), str(facts["left"])


def _name_of(alert: SecurityAlert) -> str:
    if not alert.action.startswith("person.") or alert.action == "person.invited":
        return ""
    return list_names([UUID(alert.subject)]).get(UUID(alert.subject), "")
