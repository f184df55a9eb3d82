"""Points are kept, offered and closed; a neighbour has its own."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
import time_machine

from kernel.db import new_id
from kernel.errors import Conflict
from kernel.scope import acting_for
from storefront.catalog.rules import Names
from storefront.pickup.errors import (
    DayIsOver,
    DaysAheadOutOfRange,
    HoursUpsideDown,
    LeadTimeOutOfRange,
    PointNameMissing,
    PointNotFound,
)
from storefront.pickup.queries import find_next_day, find_open_day, get_point, list_open_places
from storefront.pickup.services import (
    PointFacts,
    close_on,
    create_point,
    edit_point,
    reopen_on,
    set_point_active,
)
from tenants.accounts.models import Tenant
from tests.factories.storefront import make_pickup_point

MONDAY_NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)
FACTS = PointFacts(
    names=Names("Market", "集市"),
    address="Square 2",
    lead_hours=2,
    days_ahead=6,
    hours={0: (time(16), time(19)), 3: (time(9), time(12))},
)


@time_machine.travel(MONDAY_NOON, tick=False)
def test_an_open_day_carries_what_an_order_keeps(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS)
        found = find_open_day(point_id=market.id, day=date(2026, 6, 1))

    assert found is not None
    assert found.snapshot == {
        "pickup_point_id": market.id, "pickup_on": date(2026, 6, 1),
        "pickup_opens": time(16), "pickup_closes": time(19),
        "place_en": "Market", "place_zh": "集市", "place_address": "Square 2",
    }  # fmt: skip


@time_machine.travel(MONDAY_NOON, tick=False)
def test_no_other_day_is_open(greenfield: Tenant, hillside: Tenant) -> None:
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS)
        assert find_open_day(point_id=market.id, day=date(2026, 6, 4)) is not None
        close_on(point_id=market.id, day=date(2026, 6, 4))
        closed = [date(2026, 6, 4), date(2026, 6, 2), date(2026, 6, 8), date(2026, 5, 25)]
        assert [find_open_day(point_id=market.id, day=day) for day in closed] == [None] * 4
        assert find_open_day(point_id=new_id(), day=date(2026, 6, 1)) is None
    with acting_for(hillside.id):
        assert find_open_day(point_id=market.id, day=date(2026, 6, 1)) is None
        assert find_next_day() is None
        with pytest.raises(PointNotFound):
            get_point(market.id)


@time_machine.travel(MONDAY_NOON, tick=False)
def test_the_next_day_is_the_soonest_of_all_points(greenfield: Tenant) -> None:
    make_pickup_point(greenfield, hours={1: (time(8), time(9))})
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS)
        soonest = find_next_day()
        assert soonest is not None
        assert (soonest.point.id, soonest.day.date) == (market.id, date(2026, 6, 1))
        set_point_active(point_id=market.id, active=False)
        assert [place.point.name_in("zh") for place in list_open_places()] == ["农场门口"]


def test_hours_are_exactly_what_was_said_last(greenfield: Tenant) -> None:
    hours = {3: (time(10), time(11)), 5: (time(8), time(9))}
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS)
        edit_point(point_id=market.id, version=1, facts=replace(FACTS, hours=hours))
    with acting_for(greenfield.id):
        point = get_point(market.id)

    assert {hour.weekday: (hour.opens, hour.closes) for hour in point.hours} == hours


@time_machine.travel(MONDAY_NOON, tick=False)
def test_a_closed_day_is_kept_once_until_it_is_over_or_taken_back(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS).id
        for day in (4, 4, 8):
            close_on(point_id=market, day=date(2026, 6, day))
        reopen_on(point_id=market, day=date(2026, 6, 8))
        with pytest.raises(DayIsOver):
            close_on(point_id=market, day=date(2026, 5, 31))
    with acting_for(greenfield.id), time_machine.travel(datetime(2026, 6, 5, tzinfo=UTC)):
        assert [closed.day.day for closed in get_point(market).closed_days] == [4]
        close_on(point_id=market, day=date(2026, 6, 11))
        assert [closed.day.day for closed in get_point(market).closed_days] == [11]


def test_two_people_do_not_overwrite_each_other(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        market = create_point(facts=FACTS)
        edit_point(point_id=market.id, version=1, facts=FACTS)
        with pytest.raises(Conflict):
            edit_point(point_id=market.id, version=1, facts=replace(FACTS, address="Elsewhere"))
        assert get_point(market.id).address == "Square 2"


@pytest.mark.parametrize(
    ("facts", "refusal", "field"),
    [
        (replace(FACTS, names=Names()), PointNameMissing, "name_en"),
        (replace(FACTS, lead_hours=337), LeadTimeOutOfRange, "lead_hours"),
        (replace(FACTS, days_ahead=0), DaysAheadOutOfRange, "days_ahead"),
        (replace(FACTS, hours={2: (time(9), time(9))}), HoursUpsideDown, "closes_2"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    greenfield: Tenant, facts: PointFacts, refusal: type[Exception], field: str
) -> None:
    with acting_for(greenfield.id), pytest.raises(refusal) as refused:
        create_point(facts=facts)

    assert refused.value.field == field  # type: ignore[attr-defined]  # each is a DomainError
