"""When an account's billing months begin and end."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTHS = 12
# Stripe repeats a webhook for up to three days, so a period stays open for late news that long.
GRACE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Span:
    """The n-th month from the anchor, `[start, end)`, as instants."""

    n: int
    start: datetime
    end: datetime


def boundary(anchor: date, n: int) -> date:
    """The day the n-th month begins, always counted from the anchor: 31 -> 28 -> 31."""
    years, month = divmod(anchor.month - 1 + n, MONTHS)
    year = anchor.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor.day, last))


def midnight(day: date, zone: str) -> datetime:
    """The instant a day begins in a time zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def span_at(at: datetime, *, anchor: date, zone: str) -> Span:
    """The month an instant lies in."""
    day = at.astimezone(ZoneInfo(zone)).date()
    n = (day.year - anchor.year) * MONTHS + day.month - anchor.month
    if day < boundary(anchor, n):
        n -= 1
    start, end = (midnight(boundary(anchor, k), zone) for k in (n, n + 1))
    return Span(n, start, end)
