"""Pick-up points are opened, changed and closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from kernel import clock
from kernel.db import transaction
from kernel.errors import Conflict
from storefront.catalog.rules import Names
from storefront.pickup.errors import (
    DayIsOver,
    DaysAheadOutOfRange,
    HoursUpsideDown,
    LeadTimeOutOfRange,
    PointNameMissing,
    TooManyClosedDays,
)
from storefront.pickup.models import ClosedDay, OpeningHour, PickupPoint
from storefront.pickup.queries import get_point
from tenants.accounts.queries import get_profile
from tenants.audit.services import record

MAX_LEAD_HOURS = 336
MAX_DAYS_AHEAD = 60
MAX_CLOSED_DAYS = 100
WEEKDAYS = range(7)


@dataclass(frozen=True)
class PointFacts:
    """What a person says about a point. `hours`: weekday (0 is Monday) to opening and closing."""

    names: Names
    address: str
    notes: Names = field(default_factory=Names)
    lead_hours: int = 24
    days_ahead: int = 14
    hours: Mapping[int, tuple[time, time]] = field(default_factory=dict)


def create_point(*, facts: PointFacts, sample: bool = False) -> PickupPoint:
    """A new active point after the others. Refused: what cannot be kept, at its field."""
    _check(facts)
    with transaction() as session:
        last = session.scalar(select(func.max(PickupPoint.position)))
        point = PickupPoint(sample=sample, position=(last or 0) + 1, hours=[], closed_days=[])
        _describe(point, facts)
        session.add(point)
        session.flush()
        record(action="point.created", subject=str(point.id))
    return point


def edit_point(*, point_id: UUID, version: int, facts: PointFacts) -> PickupPoint:
    """The point is as described; orders keep the place and day they were promised.

    Refused: what cannot be kept, and Conflict when someone changed it since that version.
    """
    _check(facts)
    with transaction():
        point = get_point(point_id, lock=True)
        if point.version != version:
            raise Conflict
        point.version += 1
        point.sample = False  # someone has made it the shop's own
        _describe(point, facts)
        record(action="point.edited", subject=str(point_id))
    return point


def set_point_active(*, point_id: UUID, active: bool) -> PickupPoint:
    """Shoppers can choose it, or no longer can; orders for it stay."""
    with transaction():
        point = get_point(point_id, lock=True)
        point.active = active
        record(action="point.opened" if active else "point.closed", subject=str(point_id))
    return point


def close_on(*, point_id: UUID, day: date) -> None:
    """The point stays closed on that day; orders already placed for it stay. Repeating it changes
    nothing. Refused: a day that is over, and more than MAX_CLOSED_DAYS to come."""
    with transaction():
        point = get_point(point_id, lock=True)
        today = _today()
        if day < today:
            raise DayIsOver
        point.closed_days = [closed for closed in point.closed_days if closed.day >= today]
        if any(closed.day == day for closed in point.closed_days):
            return
        if len(point.closed_days) >= MAX_CLOSED_DAYS:
            raise TooManyClosedDays(most=MAX_CLOSED_DAYS)
        point.closed_days.append(ClosedDay(day=day))
        record(action="point.closed_on", subject=str(point_id), day=day.isoformat())


def reopen_on(*, point_id: UUID, day: date) -> None:
    """The point keeps its weekly hours on that day. Repeating it changes nothing."""
    with transaction():
        point = get_point(point_id, lock=True)
        point.closed_days = [closed for closed in point.closed_days if closed.day != day]
        record(action="point.reopened_on", subject=str(point_id), day=day.isoformat())


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(get_profile().time_zone)).date()


def _check(facts: PointFacts) -> None:
    if not (facts.names.en or facts.names.zh):
        raise PointNameMissing
    if not 0 <= facts.lead_hours <= MAX_LEAD_HOURS:
        raise LeadTimeOutOfRange(most=MAX_LEAD_HOURS)
    if not 1 <= facts.days_ahead <= MAX_DAYS_AHEAD:
        raise DaysAheadOutOfRange(most=MAX_DAYS_AHEAD)
    for weekday, (opens, closes) in facts.hours.items():
        assert weekday in WEEKDAYS, "a week has seven days"
        if closes <= opens:
            raise HoursUpsideDown(field=f"closes_{weekday}")


def _describe(point: PickupPoint, facts: PointFacts) -> None:
    point.name_en, point.name_zh = facts.names.en, facts.names.zh
    point.note_en, point.note_zh = facts.notes.en, facts.notes.zh
    point.address = facts.address
    point.lead_hours, point.days_ahead = facts.lead_hours, facts.days_ahead
    known = {hour.weekday: hour for hour in point.hours}
    for weekday in WEEKDAYS:
        hour, window = known.get(weekday), facts.hours.get(weekday)
        if window is None and hour is not None:
            point.hours.remove(hour)
        elif window is not None and hour is None:
            point.hours.append(OpeningHour(weekday=weekday, opens=window[0], closes=window[1]))
        elif window is not None and hour is not None:
            hour.opens, hour.closes = window
