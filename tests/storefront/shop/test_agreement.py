"""What a shopper has seen is what is ordered: all else is named and asked for once more."""

from datetime import time, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from kernel import clock
from kernel.db import transaction
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.catalog.models import Product
from storefront.catalog.queries import get_own_product
from storefront.pickup.queries import get_point, list_points
from storefront.pickup.services import close_on
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tests.browsers import Browser, browse
from tests.factories.storefront import make_pickup_point, make_product
from tests.storefront.shop.steps import fill_cart, filled_in, go_on, shown_on, submit


@pytest.fixture
def honey(greenfield: Tenant) -> Product:
    make_pickup_point(greenfield)
    return make_product(
        greenfield, "Honey", "蜂蜜", price=300, stock="10", step="0.5", grower="Lin"
    )


def change(tenant: Tenant, product: Product, **values: Any) -> None:
    with acting_for(tenant.id), transaction():
        found = get_own_product(product.id, lock=True)
        for name, value in values.items():
            setattr(found, name, value)


def change_place(tenant: Tenant, **values: Any) -> None:
    with acting_for(tenant.id), transaction():
        point = get_point(list_points()[0].id, lock=True)
        for name, value in values.items():
            setattr(point, name, value)


def ordered(admin: psycopg.Connection) -> list[tuple[Any, ...]]:
    return admin.execute(
        "SELECT name_en, unit, ordered_milli, sum_minor FROM order_lines ORDER BY position"
    ).fetchall()


WAYS = [
    ({"unit": Unit.JIN}, "Honey was sold by kg and is now sold by jin."),
    ({"unit": Unit.BOX}, "Honey was sold by kg and is now sold by box."),
    ({"name_en": "Honey, second grade"}, "Honey is now called Honey, second grade."),
    ({"name_zh": "杂花蜜"}, "蜂蜜 is now called 杂花蜜."),
    ({"grower": "Wholesale"}, "Honey came from Lin and now comes from Wholesale."),
    ({"price_minor": 4000}, "The price of Honey changed from €3.00 to €40.00."),
    ({"price_minor": 299}, "The price of Honey changed from €3.00 to €2.99."),
    ({"stock_milli": 1000}, "Of Honey only 1 kg is left; you wanted 2 kg."),
    ({"step_milli": 1500}, "Honey is now sold in other steps: 1.5 kg instead of 2 kg."),
    ({"stock_milli": 0}, "Honey, 2 kg, has sold out meanwhile."),
    ({"published_at": None}, "Honey, 2 kg, is no longer on sale."),
]


@pytest.mark.parametrize(("values", "said"), WAYS)
def test_what_the_open_checkout_did_not_show_is_not_ordered(
    shopper: Browser,
    greenfield: Tenant,
    honey: Product,
    admin: psycopg.Connection,
    values: dict[str, Any],
    said: str,
) -> None:
    fill_cart(shopper, honey, "2")
    form = filled_in(shopper.get("/checkout"), name="Mia B", phone="+49 151 234567", note="Ring")
    change(greenfield, honey, **values)

    told = submit(shopper, form)

    assert (told.status_code, ordered(admin)) == (409, [])
    assert said in told.text
    for typed in ('value="Mia B"', 'value="+49 151 234567"', "Ring</textarea>"):
        assert typed in told.text
    if ("stock_milli" in values and not values["stock_milli"]) or "published_at" in values:
        assert "Place the order" not in told.text
        return
    assert submit(shopper, form).status_code == 409  # the first page agrees to nothing new
    assert submit(shopper, filled_in(told)).status_code == 303
    assert len(ordered(admin)) == 1


@pytest.mark.parametrize(("values", "said"), WAYS)
def test_what_changed_in_the_cart_is_told_before_the_checkout(
    shopper: Browser, greenfield: Tenant, honey: Product, values: dict[str, Any], said: str
) -> None:
    fill_cart(shopper, honey, "2")
    change(greenfield, honey, **values)

    assert shopper.get("/checkout").location == "/cart"
    assert said in shopper.get("/cart").text
    assert go_on(shopper).location == "/cart"
    assert "Changed since you looked" not in shopper.get("/cart").text


def test_consent_is_to_what_was_last_shown(
    shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    change(greenfield, honey, price_minor=400)
    seen = shown_on(shopper.get("/cart"))
    change(greenfield, honey, price_minor=4000)

    refused = shopper.post("/cart/changes", data={"seen": seen})

    assert refused.status_code == 409
    assert "changed from €4.00 to €40.00" in refused.text
    assert shopper.get("/checkout").location == "/cart"
    again = shopper.post("/cart/changes", data={"seen": shown_on(refused)})
    assert again.status_code == 303
    form = filled_in(shopper.get("/checkout"))
    change(greenfield, honey, price_minor=5000)
    told = submit(shopper, form)
    change(greenfield, honey, price_minor=6000)
    once_more = submit(shopper, filled_in(told))
    assert once_more.status_code == 409
    assert "changed from €50.00 to €60.00" in once_more.text
    assert ordered(admin) == []


def test_two_changes_of_one_product_are_both_told(
    shopper: Browser, greenfield: Tenant, honey: Product
) -> None:
    fill_cart(shopper, honey, "2")
    change(greenfield, honey, price_minor=400, stock_milli=1000, unit=Unit.JIN)

    told = shopper.get("/cart").text

    assert "only 1 jin is left; you wanted 2 kg" in told
    assert "from €3.00 to €4.00" in told
    assert "is now sold by jin" in told


def test_a_stale_quantity_form_agrees_only_to_the_price_it_showed(
    shopper: Browser, greenfield: Tenant, honey: Product
) -> None:
    page = shopper.get("/products/honey").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    change(greenfield, honey, price_minor=4000, unit=Unit.JIN)

    fields = {"product": str(honey.id), "quantity": "1", "seen": seen, "part": "product"}
    shopper.post("/cart/lines", data=fields)

    told = shopper.get("/cart").text
    assert "from €3.00 to €40.00" in told
    assert "is now sold by jin" in told
    assert shopper.get("/checkout").location == "/cart"


def test_goods_put_in_from_another_tab_are_not_ordered_unseen(
    shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    leeks = make_product(greenfield, "Leeks", "韭葱", price=790)
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))
    fill_cart(shopper, leeks, "1")

    told = submit(shopper, form)

    assert (told.status_code, ordered(admin)) == (409, [])
    assert "Leeks, 1 kg, is now in this order; it was not shown before." in told.text
    assert "The total was €3.00 and is now €10.90." in told.text

    fill_cart(shopper, honey, "0")
    told = submit(shopper, filled_in(told))
    assert "Honey, 1 kg, is no longer in your cart." in told.text
    fill_cart(shopper, leeks, "2")
    told = submit(shopper, filled_in(told))
    assert "The amount of Leeks was 1 kg and is now 2 kg." in told.text
    assert submit(shopper, filled_in(told)).status_code == 303
    assert ordered(admin) == [("Leeks", "kg", 2000, 1580)]


def test_a_place_that_moved_is_asked_for_again(
    shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))

    change_place(greenfield, address="Far away 9")
    told = submit(shopper, form)
    assert told.status_code == 409
    assert "The address of Farm gate was Field lane 1 and is now Far away 9." in told.text

    change_place(greenfield, name_en="Barn")
    told = submit(shopper, filled_in(told))
    assert "The place Farm gate is now called Barn." in told.text

    with acting_for(greenfield.id), transaction():
        for hour in get_point(list_points()[0].id).hours:
            hour.opens, hour.closes = time(16), time(17)
    told = submit(shopper, filled_in(told))
    assert told.status_code == 409
    assert "were 9:00\u202fAM to 6:00\u202fPM and are now 4:00\u202fPM to 5:00\u202fPM" in told.text
    assert ordered(admin) == []

    assert submit(shopper, filled_in(told)).status_code == 303
    row = admin.execute("SELECT place_en, place_address, pickup_opens FROM orders").fetchone()
    assert row == ("Barn", "Far away 9", time(16))


def test_another_place_than_the_chosen_one_may_change(
    shopper: Browser, greenfield: Tenant, honey: Product
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))
    make_pickup_point(greenfield, "Market")

    assert submit(shopper, form).status_code == 303


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_day_that_is_over_is_said_so_and_nothing_typed_is_lost(
    shopper: Browser, greenfield: Tenant, honey: Product, language: str, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get(f"/checkout?lang={language}"), note="Ring")
    with acting_for(greenfield.id):
        today = clock.now().date()
        for ahead in range(-1, 3):
            if str(day := today + timedelta(days=ahead)) in form["pickup"]:
                close_on(point_id=list_points()[0].id, day=day)

    told = submit(shopper, form)

    assert told.status_code == 422
    assert ("can no longer be ordered for" if language == "en" else "不能再") in told.text
    assert "Not a valid choice" not in told.text
    assert "不是有效的选择" not in told.text
    assert "Ring</textarea>" in told.text
    assert ordered(admin) == []
    assert submit(shopper, filled_in(told)).status_code == 303


def test_another_currency_is_told_before_the_first_order(
    shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))
    with acting_for(greenfield.id), transaction():
        get_profile(lock=True).currency = "JPY"

    told = submit(shopper, form)

    assert told.status_code == 409
    assert "Prices are now in JPY: the total was €3.00 and is ¥300." in told.text
    assert ordered(admin) == []
    assert "from €3.00 to ¥300" in shopper.get("/cart").text


@pytest.mark.parametrize("seen", ["", "x", "eyJhIjoxfQ.abc", "x" * 250_000])
def test_a_forged_page_only_leads_to_being_asked(
    shopper: Browser, honey: Product, admin: psycopg.Connection, seen: str
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))

    told = submit(shopper, form | {"seen": seen})

    assert told.status_code in (409, 422)
    assert ordered(admin) == []
    assert submit(shopper, filled_in(told)).status_code == 303


def test_a_page_of_the_neighbours_agrees_to_nothing_here(
    shopper: Browser,
    neighbour: Browser,
    hillside: Tenant,
    honey: Product,
    admin: psycopg.Connection,
) -> None:
    make_pickup_point(hillside)
    fill_cart(neighbour, make_product(hillside, price=300), "1")
    theirs = filled_in(neighbour.get("/checkout"))["seen"]
    fill_cart(shopper, honey, "1")

    told = submit(shopper, filled_in(shopper.get("/checkout")) | {"seen": theirs})

    assert told.status_code == 409
    assert "Carrots" not in told.text
    assert ordered(admin) == []


def test_a_key_used_again_with_another_cart_is_told(
    shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))
    first = submit(shopper, form)
    fill_cart(shopper, make_product(greenfield, "Leeks", price=790), "1")

    told = submit(shopper, form)

    assert told.status_code == 409
    assert "Order 1001 stands already" in told.text
    assert first.location in told.text
    assert "Order this as a new order, €7.90" in told.text
    assert [line[0] for line in ordered(admin)] == ["Honey"]
    second = submit(shopper, filled_in(told))
    assert second.status_code == 303
    assert second.location != first.location
    assert [line[0] for line in ordered(admin)] == ["Honey", "Leeks"]


def test_the_same_form_twelve_times_is_one_order_and_its_page_twelve_times(
    shopper: Browser, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))

    answers = [submit(shopper, form) for _ in range(12)]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert len(ordered(admin)) == 1


def test_refused_tries_count_for_nothing(
    app: Flask, shopper: Browser, greenfield: Tenant, honey: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, honey, "1")
    form = filled_in(shopper.get("/checkout"))
    for price in range(301, 341):
        change(greenfield, honey, price_minor=price)
        assert submit(shopper, form).status_code == 409
        assert submit(shopper, form | {"name": ""}).status_code == 409
    form = filled_in(submit(shopper, form))

    assert submit(shopper, form).status_code == 303
    for _ in range(12):  # a helper orders for the neighbours
        fill_cart(shopper, honey, "0.5")
        assert submit(shopper, filled_in(shopper.get("/checkout"))).status_code == 303
    assert len(ordered(admin)) == 13


def test_a_stranger_who_uses_an_address_does_not_shut_its_owner_out(
    app: Flask, shopper: Browser, greenfield: Tenant, honey: Product
) -> None:
    codes = []
    change(greenfield, honey, stock_milli=10**6)
    for n in range(34):
        stranger = browse(app, "greenfield.shops.test")
        stranger.environ_base["REMOTE_ADDR"] = f"2001:db8:1:1::{n:x}"
        fill_cart(stranger, honey, "0.5")
        codes.append(submit(stranger, filled_in(stranger.get("/checkout"))).status_code)
    assert 429 in codes  # one household is one place, whatever the end of its address

    fill_cart(shopper, honey, "0.5")
    assert submit(shopper, filled_in(shopper.get("/checkout"))).status_code == 303
