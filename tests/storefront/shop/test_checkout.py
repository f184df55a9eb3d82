"""From cart to order in a browser without scripts."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from storefront.catalog.models import Product
from tenants.accounts.models import Tenant
from tests.browsers import Browser, browse
from tests.factories.storefront import make_pickup_point, make_product, stock_left
from tests.storefront.shop.steps import fill_cart, filled_in, order_page, submit


@pytest.fixture
def carrots(greenfield: Tenant) -> Product:
    make_pickup_point(greenfield)
    return make_product(greenfield, price=320, stock="10")


def orders_in(admin: psycopg.Connection) -> int:
    row = admin.execute("SELECT count(*) FROM orders").fetchone()
    assert row is not None
    return int(row[0])


def test_a_shopper_buys_without_scripts(
    shopper: Browser, greenfield: Tenant, carrots: Product
) -> None:
    fill_cart(shopper, carrots, "1.25")
    page = shopper.get("/checkout")
    assert "€4.00" in page.text

    placed = submit(shopper, filled_in(page))

    assert placed.status_code == 303
    confirmation = shopper.get(placed.location).text
    assert "Thank you, Mia Brandt" in confirmation
    assert re.search(r'class="code-big mb-0">[A-Z0-9]{3} [A-Z0-9]{3}<', confirmation)
    assert '<svg class="qr"' in confirmation
    assert stock_left(greenfield, carrots.id) == 8750


def test_at_most_eight_fields_are_shown(shopper: Browser, carrots: Product) -> None:
    fill_cart(shopper, carrots, "1")

    form = shopper.get("/checkout").text.partition('action="/checkout"')[2]

    names = set(re.findall(r'<(?:input|select|textarea)[^>]*?name="([^"]+)"', form))
    hidden = set(re.findall(r'<input(?=[^>]*type="hidden")[^>]*?name="([^"]+)"', form))
    assert names - hidden == {"name", "email", "phone", "pickup", "method", "note"}
    for token in ("name", "email", "tel"):
        assert f'autocomplete="{token}"' in form


def test_double_submit_reload_and_back_make_one_order(
    shopper: Browser, carrots: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout"))

    placed = [submit(shopper, answers) for _ in range(3)]

    assert len({answer.location for answer in placed}) == 1
    assert orders_in(admin) == 1
    back = shopper.get("/checkout")
    assert (back.status_code, back.location) == (303, "/cart")


def test_other_answers_under_the_same_key_are_refused_and_kept(
    shopper: Browser, carrots: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout"))
    submit(shopper, answers)

    refused = submit(shopper, answers | {"name": "Someone Else"})

    assert refused.status_code == 409
    assert "Order 1001 stands already" in refused.text
    assert "Place the order" not in refused.text
    assert 'value="Someone Else"' in refused.text
    assert orders_in(admin) == 1


@pytest.mark.parametrize("key", ["", "1", "x" * 36])
def test_a_form_without_its_key_is_no_order(
    shopper: Browser, carrots: Product, admin: psycopg.Connection, key: str
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout"))

    assert submit(shopper, answers | {"key": key}).status_code == 400
    assert orders_in(admin) == 0


@contextmanager
def in_flight(admin: psycopg.Connection, tenant: Tenant, key: str) -> Iterator[None]:
    """Another request has this key and has not ended."""
    with admin.transaction(force_rollback=True):
        admin.execute(
            "INSERT INTO checkout_keys (tenant_id, id, key, fingerprint, made_at)"
            " VALUES (%s, %s, %s, 'x', now())",
            [tenant.id, uuid.uuid4(), key],
        )
        yield


def test_a_form_that_is_still_being_worked_on_is_not_ordered_twice(
    shopper: Browser, greenfield: Tenant, carrots: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout"))

    with in_flight(admin, greenfield, answers["key"]):
        refused = submit(shopper, answers)

    assert refused.status_code == 409
    assert "nothing will be ordered twice" in refused.text
    assert 'value="Mia Brandt"' in refused.text
    assert submit(shopper, answers).status_code == 303
    assert orders_in(admin) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "whoever collects"),
        ({"email": "mia@"}, "name@example.org"),
        ({"phone": "call me"}, "+49 151 234567"),
        ({"pickup": "elsewhere"}, "can no longer be ordered for"),
        ({"method": "bitcoin"}, "way of paying is not available"),
        ({"note": "x" * 501}, "500 letters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(
    shopper: Browser,
    carrots: Product,
    admin: psycopg.Connection,
    wrong: dict[str, str],
    said: str,
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout")) | {"phone": "+49 151 1"}

    refused = submit(shopper, answers | wrong)

    assert refused.status_code == 422
    assert said in refused.text
    assert "<title>Error: Checkout" in refused.text
    if "email" not in wrong:
        assert 'value="mia@example.org"' in refused.text
    assert orders_in(admin) == 0


def test_prices_and_products_cannot_be_sent_along(
    shopper: Browser, carrots: Product, admin: psycopg.Connection
) -> None:
    fill_cart(shopper, carrots, "1")
    extra = {"price": "1", "total_minor": "1", "currency": "VND", "state": "ready", "number": "7"}

    submit(shopper, filled_in(shopper.get("/checkout")) | extra)

    row = admin.execute("SELECT number, total_minor, currency, state FROM orders").fetchone()
    assert row == (1001, 320, "EUR", "to_prepare")


def test_what_ran_out_meanwhile_is_named_and_nothing_is_ordered(
    app: Flask, shopper: Browser, greenfield: Tenant, carrots: Product, admin: psycopg.Connection
) -> None:
    other = browse(app, "greenfield.shops.test")
    for visitor in (shopper, other):
        fill_cart(visitor, carrots, "6")
    answers = filled_in(shopper.get("/checkout"))
    assert submit(other, filled_in(other.get("/checkout"))).status_code == 303

    refused = submit(shopper, answers)

    assert refused.status_code == 409
    assert "Of Carrots only 4 kg is left; you wanted 6 kg." in refused.text
    assert "The total was €19.20 and is now €12.80." in refused.text
    assert "Place the order, €12.80" in refused.text
    assert "only 4 kg is left" in shopper.get("/cart").text
    assert orders_in(admin) == 1


def test_an_empty_or_changed_cart_is_looked_at_first(shopper: Browser, carrots: Product) -> None:
    assert shopper.get("/checkout").location == "/cart"


def test_an_order_page_opens_with_its_link_only(
    app: Flask, shopper: Browser, neighbour: Browser, carrots: Product
) -> None:
    placed = order_page(shopper, carrots)
    token = placed.rpartition("/")[2]

    assert browse(app, "greenfield.shops.test").get(placed).status_code == 200
    changed = token[:-4] + ("A" if token[-4] != "A" else "B") + token[-3:]
    for other in ("", "x", token[:-1], changed, "1001"):
        assert shopper.get(f"/orders/{other}").status_code == 404
    for path in (placed, f"{placed}/return", f"{placed}/pick-up.ics"):
        foreign = neighbour.get(path)
        assert foreign.status_code == 404
        assert "Mia" not in foreign.text
    assert neighbour.post(f"{placed}/payment").status_code == 404


def test_the_pick_up_can_be_put_in_a_calendar(shopper: Browser, carrots: Product) -> None:
    answer = shopper.get(order_page(shopper, carrots) + "/pick-up.ics")

    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:Collect order 1001\\, Greenfield Growers" in answer.text
    assert all(len(line.encode()) <= 75 for line in answer.text.split("\r\n"))


def test_private_pages_are_kept_by_nobody(shopper: Browser, carrots: Product) -> None:
    placed = order_page(shopper, carrots)
    answers: list[TestResponse] = [shopper.get(path) for path in (placed, "/cart", "/")]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
