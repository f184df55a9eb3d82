"""Language of a request, and amounts, quantities and times as that language writes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, gettext

from kernel.headers import cookie_name, set_cookie
from kernel.money import EXPONENTS, Money
from kernel.quantity import MILLI, decimal_quantity
from kernel.settings import ROOT

# Flask-Admin and WTForms carry Chinese under exactly this name.
LANGUAGES = {"en": "English", "zh": "简体中文"}
LOCALES = {"en": "en", "zh": "zh_Hans_CN"}
HTML_LANG = {"en": "en", "zh": "zh-Hans"}
YEAR = 365 * 24 * 3600


def language() -> str:
    """Of this request or mail: "zh" or "en"."""
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


def choose_locale() -> str:
    """What was asked for in the address, else the visitor's cookie, else the browser's wish,
    within what the shop offers (g.languages, its first the default)."""
    if not has_request_context():
        return LOCALES["en"]
    offered: list[str] = g.get("languages") or list(LANGUAGES)
    for wish in (request.args.get("lang"), request.cookies.get(cookie_name("lang"))):
        if wish in offered:
            return LOCALES[wish]
    preferred = g.get("preferred_language")
    if preferred in offered:
        return LOCALES[preferred]
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "zh-Hans-CN", "en"])
    found = "zh" if best and best.startswith("zh") else "en" if best else offered[0]
    return LOCALES[found if found in offered else offered[0]]


def _remember_language(response: Response) -> Response:
    wish = request.args.get("lang")
    cached = "Cache-Control" in response.headers  # for others too, who get no cookie with it
    if wish in LANGUAGES and request.cookies.get(cookie_name("lang")) != wish and not cached:
        set_cookie(response, "lang", wish, max_age=YEAR)
    return response


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Inside, everything is said in this language ("en" or "zh"): for mails and other people."""
    with force_locale(LOCALES[wanted]):
        yield


def choose_zone() -> str:
    """The shop's time zone, else UTC."""
    zone = g.get("time_zone") if has_request_context() else None
    return str(zone or "UTC")


def money_text(amount: Money) -> str:
    """An amount as the reader's language writes it."""
    digits = EXPONENTS[amount.currency]
    pattern = "¤#,##0." + "0" * digits if digits else "¤#,##0"
    return str(
        format_currency(
            amount.decimal, amount.currency, format=pattern, locale=_locale(), currency_digits=False
        )
    )


def unit_text(unit: str) -> str:
    """A unit's name: kg, 斤, piece."""
    names: dict[str, str] = {
        "kg": gettext("kg"), "jin": gettext("jin"), "l": gettext("L"),
        "each": gettext("piece"), "box": gettext("box"),
    }  # fmt: skip
    return names[unit]


def quantity_text(milli: int, unit: str) -> str:
    """A quantity with its unit: 1.25 kg, 6 pieces."""
    number = format_decimal(decimal_quantity(milli), locale=_locale())
    counted: dict[str, str] = {"each": gettext("pieces"), "box": gettext("boxes")}
    words = unit_text(unit) if milli == MILLI else counted.get(unit, unit_text(unit))
    return f"{number} {words}"


def date_text(value: date, style: str = "medium") -> str:
    """A day; an instant is shown as the day it is in the shop's time zone."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(choose_zone())).date()
    pattern = {"weekday": "EEE", "day": "EEEE, d MMMM", "short_day": "EEE d MMM"}
    if language() == "zh":
        pattern = {"weekday": "EEE", "day": "M月d日 EEEE", "short_day": "M月d日 EEE"}
    return str(format_date(value, pattern.get(style, style), locale=_locale()))


def datetime_text(value: datetime, style: str = "short") -> str:
    """An instant in the shop's time zone; the month by name, since its place differs by country."""
    pattern = {"short": "y年M月d日 HH:mm" if language() == "zh" else "d MMM y, h:mm a"}
    style = pattern.get(style, style)
    return str(format_datetime(value, style, tzinfo=ZoneInfo(choose_zone()), locale=_locale()))


def time_text(value: clock_time | datetime) -> str:
    """A time of day, such as opening hours."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(choose_zone())).time()
    return str(format_time(value, "short", locale=_locale()))


def ppm_text(ppm: int) -> str:
    """A rate in parts per million as a percentage: 25000 is 2.5 %."""
    return f"{format_decimal(ppm / 10_000, locale=_locale())} %"


def _locale() -> Locale:
    return get_locale() or Locale.parse("en")


def translation_folders(root: Path = ROOT) -> list[Path]:
    """Each room keeps its own catalogue."""
    rooms = ("kernel", "tenants", "billing", "storefront", "admin")
    return sorted(found for room in rooms for found in (root / room).glob("**/translations"))


def init_app(app: Flask) -> None:
    """Flask-Babel with every room's catalogue, our filters, and the language cookie."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, translation_folders()))
    Babel(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    app.after_request(_remember_language)
    app.jinja_env.filters.update(
        money=money_text, quantity=quantity_text, unit=unit_text, date=date_text,
        datetime=datetime_text, time=time_text, percent=ppm_text,
    )  # fmt: skip

    @app.context_processor
    def language_facts() -> dict[str, object]:
        found = language()
        offered = list(g.get("languages") or LANGUAGES) if has_request_context() else []
        return {
            "language": found, "locale": LOCALES[found], "html_lang": HTML_LANG[found],
            "languages": [(code, LANGUAGES[code]) for code in offered],
        }  # fmt: skip
