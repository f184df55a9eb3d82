"""On which days a point can be chosen, and until when. No database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storefront.pickup.models import OpeningHour, PickupPoint


@dataclass(frozen=True, order=True)
class PickupDay:
    """A day in the shop's own calendar, its local hours, and the instant after which no order for
    it is taken."""

    date: date
    opens: time
    closes: time
    cut_off: datetime


def next_days(
    point: PickupPoint,
    hours: Iterable[OpeningHour],
    now: datetime,
    zone: ZoneInfo,
    closed: Collection[date] = (),
) -> list[PickupDay]:
    """The days that can still be chosen, soonest first: open, not closed, not past their cut-off.

    The cut-off is that many real hours before opening, also across a change of the clocks.
    """
    weekly = {hour.weekday: hour for hour in hours}
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(point.days_ahead + 1))
    found = [
        PickupDay(day, hour.opens, hour.closes, cut_off(day, hour.opens, point.lead_hours, zone))
        for day in days
        if day not in closed and (hour := weekly.get(day.weekday())) is not None
    ]
    return [day for day in found if now < day.cut_off]


def cut_off(day: date, opens: time, lead_hours: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, that many hours before a local time of opening."""
    opening = datetime.combine(day, opens, tzinfo=zone).astimezone(UTC)
    return opening - timedelta(hours=lead_hours)
