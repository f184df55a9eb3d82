"""A pick-up as an iCalendar event (RFC 5545)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from storefront.orders.models import Order

LONGEST_LINE = 74  # bytes; longer lines are folded


def pickup_event(
    order: Order, *, shop_name: str, place: str, url: str, zone: ZoneInfo, now: datetime
) -> str:
    """One event, from opening to closing on the day of the pick-up."""
    opens = datetime.combine(order.pickup_on, order.pickup_opens, tzinfo=zone)
    closes = datetime.combine(order.pickup_on, order.pickup_closes, tzinfo=zone)
    title = gettext("Collect order %(number)s, %(shop)s", number=order.number, shop=shop_name)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Sheaf//Shop//EN",
        "BEGIN:VEVENT",
        f"UID:{order.id}",
        f"DTSTAMP:{_instant(now)}",
        f"DTSTART:{_instant(opens)}",
        f"DTEND:{_instant(closes)}",
        f"SUMMARY:{_text(title)}",
        f"LOCATION:{_text(f'{place}, {order.place_address}')}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(_folded(line) for line in lines) + "\r\n"


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for char in ("\\", ";", ","):
        value = value.replace(char, "\\" + char)
    return " ".join(value.split())


def _folded(line: str) -> str:
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > LONGEST_LINE:
            parts.append(part)
            part = " "
        part += char
    return "\r\n".join([*parts, part])
