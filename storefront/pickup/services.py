"""Pick-up points are opened, changed and closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from sqlalchemy import func, select

from kernel.db import transaction
from kernel.errors import Conflict
from storefront.catalog.rules import Names
from storefront.pickup.errors import (
    DaysAheadOutOfRange,
    HoursUpsideDown,
    LeadTimeOutOfRange,
    PointNameMissing,
    TooManyClosedDays,
)
from storefront.pickup.models import ClosedDay, OpeningHour, PickupPoint
from storefront.pickup.queries import get_point
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
    closed_days: frozenset[date] = frozenset()


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


def _check(facts: PointFacts) -> None:
    if not (facts.names.en or facts.names.zh):
        raise PointNameMissing
    if not 0 <= facts.lead_hours <= MAX_LEAD_HOURS:
        raise LeadTimeOutOfRange(most=MAX_LEAD_HOURS)
    if not 1 <= facts.days_ahead <= MAX_DAYS_AHEAD:
        raise DaysAheadOutOfRange(most=MAX_DAYS_AHEAD)
    if len(facts.closed_days) > MAX_CLOSED_DAYS:
        raise TooManyClosedDays(most=MAX_CLOSED_DAYS)
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
    point.closed_days = [day for day in point.closed_days if day.day in facts.closed_days] + [
        ClosedDay(day=day)
        for day in sorted(facts.closed_days - {day.day for day in point.closed_days})
    ]
