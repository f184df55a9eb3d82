"""Reading pick-up points and the days that can be chosen now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kernel import clock
from kernel.db import db, for_update
from storefront.pickup.errors import PointNotFound
from storefront.pickup.models import PickupPoint
from storefront.pickup.rules import PickupDay, next_days
from tenants.accounts.queries import get_profile


@dataclass(frozen=True)
class OpenPlace:
    """A point and the days on which it can be chosen at this moment."""

    point: PickupPoint
    days: list[PickupDay]


@dataclass(frozen=True)
class OpenDay:
    """One day at one point."""

    point: PickupPoint
    day: PickupDay

    @property
    def snapshot(self) -> dict[str, object]:
        """Where and when, as an order keeps it whatever becomes of the point."""
        return {
            "pickup_point_id": self.point.id,
            "pickup_on": self.day.date,
            "pickup_opens": self.day.opens,
            "pickup_closes": self.day.closes,
            "place_en": self.point.name_in("en"),
            "place_zh": self.point.name_in("zh"),
            "place_address": self.point.address,
        }


def list_points(*, active_only: bool = True) -> list[PickupPoint]:
    """The shop's points in their order, with hours and closed days. Three statements."""
    query = (
        select(PickupPoint)
        .options(selectinload(PickupPoint.hours), selectinload(PickupPoint.closed_days))
        .order_by(PickupPoint.position, PickupPoint.id)
    )
    if active_only:
        query = query.where(PickupPoint.active)
    return list(db.session.scalars(query))


def get_point(point_id: UUID, *, lock: bool = False) -> PickupPoint:
    """The point with hours and closed days, or PointNotFound."""
    query = (
        select(PickupPoint)
        .where(PickupPoint.id == point_id)
        .options(selectinload(PickupPoint.hours), selectinload(PickupPoint.closed_days))
    )
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise PointNotFound
    return found


def list_open_places() -> list[OpenPlace]:
    """Every active point with the days that can be chosen now; points without any are left out."""
    places = with_days(list_points())
    return [place for place in places if place.days]


def with_days(points: Iterable[PickupPoint]) -> list[OpenPlace]:
    """Each point with the days that can be chosen now, if any."""
    zone = ZoneInfo(get_profile().time_zone)
    return [OpenPlace(point, _days(point, zone)) for point in points]


def find_open_day(*, point_id: UUID, day: date) -> OpenDay | None:
    """That day at that point, if it can be chosen at this moment."""
    for place in list_open_places():
        if place.point.id == point_id:
            return next((OpenDay(place.point, x) for x in place.days if x.date == day), None)
    return None


def find_next_day() -> OpenDay | None:
    """The soonest day at any point that an order placed now can still reach."""
    soonest = [OpenDay(place.point, place.days[0]) for place in list_open_places()]
    return min(soonest, key=lambda found: found.day, default=None)


def _days(point: PickupPoint, zone: ZoneInfo) -> list[PickupDay]:
    closed = {closed.day for closed in point.closed_days}
    return next_days(point, point.hours, clock.now(), zone, closed)
