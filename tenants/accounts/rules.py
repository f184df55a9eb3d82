"""Addresses of shops, and a guess at the money and time a new shop works in."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies
from pypinyin import lazy_pinyin

from kernel.errors import DomainError
from kernel.money import EXPONENTS
from tenants.accounts.errors import SlugHasOddCharacters, SlugIsReserved, SlugTooLong, SlugTooShort

LANGUAGES = ("en", "zh")
LEAST, MOST = 3, 40
MAX_NOTICE = 200
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
# Hosts and paths of our own, what mail and browsers look for, and names strangers would trust.
_RESERVED = """
about abuse account accounts admin administrator alipay api app apps assets auth autoconfig
autodiscover billing blog cart careers cdn checkout community console contact css cron dashboard
demo dev dns docs download email export faq favicon feed fonts forgotten-password forum ftp git
health healthz help hilfe hooks host hostmaster images imap img imprint impressum info internal
invite invoice join js legal localhost login logout m mail mailbox marketing media metrics
mobile mx news ns ns1 ns2 null office open ops order orders owner pay payment payments paypal
pop pop3 postmaster press privacy proxy public readyz register reset robots root sales search
secure security server settings sheaf shop shops sign-in sign-out sign-up signin signup sitemap
smtp sql ssl staff stage staging static stats status store stripe subscribe superuser support
svn system team terms test testing tls tmp undefined unsubscribe update upload user users vpn
web webmail webmaster wechat weixin wiki wpad www xml zhifubao
"""
RESERVED_SLUGS = frozenset(_RESERVED.split())
# What a name may end with without telling one cooperative from another.
GENERIC = re.compile(
    r"(农民)?(专业)?合作(联)?社$|(股份)?有限(责任)?公司$|\b(co-?operative|co-?op|e\.?\s?v|e\.?\s?g|ltd|inc|gmbh)\.?$",
    re.IGNORECASE,
)
ALIKE = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "&": " "})
# The largest city's zone where a country has several.
MAIN_ZONES = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CN": "Asia/Shanghai", "DE": "Europe/Berlin", "ES": "Europe/Madrid",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "US": "America/New_York", "VN": "Asia/Ho_Chi_Minh",
}  # fmt: skip
DEFAULT_PLACE = ("EUR", "Europe/Berlin")


def slug_problem(slug: str) -> DomainError | None:
    """Why a text cannot be the address of a shop, whoever asks; None when it could be."""
    if len(slug) < LEAST:
        return SlugTooShort(least=LEAST)
    if len(slug) > MOST:
        return SlugTooLong(most=MOST)
    if not SLUG.fullmatch(slug):
        return SlugHasOddCharacters()
    return SlugIsReserved() if slug in RESERVED_SLUGS else None


def suggest_slug(name: str) -> str:
    """An address made from a cooperative's name: pinyin for Chinese, plain letters for the rest.

    Empty when the name holds nothing that could be read aloud.
    """
    short = GENERIC.sub("", name.strip()).strip() or name
    read = "".join(_read_aloud(short)).lower().translate(ALIKE)
    plain = unicodedata.normalize("NFKD", read).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")
    cut = words[:MOST].rsplit("-", 1)[0] if len(words) > MOST and "-" in words[:MOST] else words
    slug = cut[:MOST].strip("-")
    if slug and slug_problem(slug) is not None:
        slug = f"{slug}-shop"
    return slug if slug_problem(slug) is None else ""


def _read_aloud(name: str) -> Sequence[str]:
    # A space on both sides of a run of Chinese, so that mixed names keep their words apart.
    runs = re.split(r"([㐀-鿿]+)", name)
    return [
        f" {''.join(lazy_pinyin(run))} " if index % 2 else run for index, run in enumerate(runs)
    ]


def numbered(slug: str, number: int) -> str:
    """The next best address when one is taken."""
    ending = f"-{number}"
    return slug[: MOST - len(ending)].rstrip("-") + ending


@dataclass(frozen=True)
class Place:
    """The money and the time a shop works in."""

    currency: str
    time_zone: str


def guess_place(*, wishes: Sequence[str], time_zone: str = "") -> Place:
    """Money and time of where someone seems to be: by the browser's time zone, else by the first
    of the languages it asks for (tags such as "de-AT" or "zh")."""
    zone = get_global("zone_aliases").get(time_zone, time_zone)
    if zone not in available_timezones():
        zone = ""
    territory = get_global("zone_territories").get(zone, "") or _territory(wishes)
    currency = _currency(territory)
    if not currency:
        return Place(DEFAULT_PLACE[0], zone or DEFAULT_PLACE[1])
    return Place(currency, zone or _zone(territory))


def _territory(wishes: Sequence[str]) -> str:
    for wish in wishes:
        parts = wish.replace("_", "-").split("-")
        if len(parts[-1]) == 2 and len(parts) > 1:  # noqa: PLR2004 - a country code
            return parts[-1].upper()
        likely = get_global("likely_subtags").get(parts[0].lower(), "")
        if likely:
            return str(likely.rpartition("_")[2])
    return ""


def _currency(territory: str) -> str:
    used = get_territory_currencies(territory) if territory else []
    return next((code for code in used if code in EXPONENTS), "")


def _zone(territory: str) -> str:
    zones = get_global("territory_zones").get(territory, [])
    return MAIN_ZONES.get(territory) or (zones[0] if zones else DEFAULT_PLACE[1])


def plain_line(text: str) -> str:
    """One line without needless spaces: for what is shown as it is, not as Markdown."""
    return " ".join(text.split())
