"""The pages of pick-up points, their hours and closed days."""

import re
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
import time_machine

from kernel.scope import acting_for
from storefront.pickup.models import PickupPoint
from storefront.pickup.queries import get_point, list_points
from tenants.accounts.models import Tenant
from tests.conftest import Browser
from tests.factories.storefront import make_pickup_point
from tests.statements import statements

CLOSED = {f"{end}_{weekday}": "" for end in ("opens", "closes") for weekday in range(7)}
TYPED = CLOSED | {
    "name_en": "Market square", "name_zh": "集市广场", "address": "Square 2, Lindau",
    "lead_hours": "24", "days_ahead": "14", "opens_5": "09:00", "closes_5": "12:30",
}  # fmt: skip
NEW = "/greenfield/pickup-points/new"


def own(tenant: Tenant, point_id: UUID) -> PickupPoint:
    with acting_for(tenant.id):
        return get_point(point_id)


def test_a_new_point_is_kept_with_its_hours(ana: Browser, greenfield: Tenant) -> None:
    answer = ana.post(NEW, data=TYPED)

    assert answer.status_code == 303
    with acting_for(greenfield.id):
        (point,) = list_points()
    assert [(hour.weekday, hour.opens, hour.closes) for hour in point.hours] == [
        (5, time(9), time(12, 30))
    ]
    listed = ana.get(answer.location).text
    assert "Market square" in listed
    assert "Order by" in listed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name_en": "", "name_zh": ""}, "at least one language"),
        ({"address": " "}, "Enter the address"),
        ({"lead_hours": "400"}, "between 0 and 336"),
        ({"lead_hours": "soon"}, "Not a valid integer"),
        ({"days_ahead": "0"}, "between 1 and 60"),
        ({"closes_5": ""}, "Enter both times"),
        ({"closes_5": "08:00"}, "later than opening"),
        ({"opens_5": "25:00"}, "Not a valid time"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_everything_typed(
    ana: Browser, greenfield: Tenant, changed: dict[str, str], words: str
) -> None:
    answer = ana.post(NEW, data=TYPED | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert {"集市广场", "Square 2, Lindau"} & set(re.findall(r'value="([^"]*)"', answer.text))
    with acting_for(greenfield.id):
        assert list_points() == []


def test_a_point_is_changed_unless_a_colleague_came_first(ana: Browser, greenfield: Tenant) -> None:
    point = make_pickup_point(greenfield)
    at = f"/greenfield/pickup-points/{point.id}"
    assert 'value="09:00"' in ana.get(at).text

    assert ana.post(at, data=TYPED | {"version": "1"}).status_code == 303
    assert ana.post(at, data=TYPED | {"version": "1", "address": "Late"}).status_code == 409

    kept = own(greenfield, point.id)
    assert (kept.address, [hour.weekday for hour in kept.hours]) == ("Square 2, Lindau", [5])


def test_a_point_is_closed_and_opened_again(ana: Browser, greenfield: Tenant) -> None:
    point = make_pickup_point(greenfield)
    at = f"/greenfield/pickup-points/{point.id}"

    ana.post(f"{at}/availability", data={"active": "no"})
    assert not own(greenfield, point.id).active
    assert "Open this point" in ana.get(at).text
    ana.post(f"{at}/availability", data={"active": "yes"})
    assert own(greenfield, point.id).active


@time_machine.travel(datetime(2026, 6, 1, 10, tzinfo=UTC), tick=False)
def test_a_closed_day_is_added_and_taken_back(greenfield: Tenant, ana: Browser) -> None:
    point = make_pickup_point(greenfield)
    at = f"/greenfield/pickup-points/{point.id}"

    assert ana.post(f"{at}/closed-days", data={"day": "2026-06-20"}).status_code == 303
    assert [closed.day for closed in own(greenfield, point.id).closed_days] == [date(2026, 6, 20)]
    assert "Sat 20 Jun" in ana.get(at).text
    for day, words in [("2026-05-20", "This day is over"), ("20.6.", "Not a valid date"),
                       ("", "Choose a day")]:  # fmt: skip
        refused = ana.post(f"{at}/closed-days", data={"day": day})
        assert (refused.status_code, words in refused.text) == (422, True), day
        assert 'value="Farm gate"' in refused.text
    ana.post(f"{at}/closed-days/removal", data={"day": "2026-06-20"})
    assert own(greenfield, point.id).closed_days == []


def test_a_neighbours_point_is_not_there(
    carol: Browser, greenfield: Tenant, hillside: Tenant
) -> None:
    point = make_pickup_point(greenfield)
    at = f"/hillside/pickup-points/{point.id}"

    assert carol.get(at).status_code == 404
    for verb in ("", "/availability", "/closed-days", "/closed-days/removal"):
        data = TYPED | {"version": "1", "active": "no", "day": "2099-01-01"}
        assert carol.post(at + verb, data=data).status_code == 404
    assert "Farm gate" not in carol.get("/hillside/pickup-points").text
    assert own(greenfield, point.id).active


def test_the_list_asks_the_same_few_things_however_long_it_is(
    ana: Browser, greenfield: Tenant
) -> None:
    make_pickup_point(greenfield)
    ana.get("/greenfield/pickup-points")
    with statements() as few:
        ana.get("/greenfield/pickup-points")
    for _ in range(5):
        make_pickup_point(greenfield)

    with statements() as many:
        ana.get("/greenfield/pickup-points")

    assert len(many) == len(few)
