"""What a stranger without an account can do to a shop and to other people's mailboxes."""

from datetime import timedelta

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from kernel import clock
from kernel.db import db, new_id
from kernel.scope import acting_for
from storefront.catalog.models import Product
from storefront.shop.checkout import FOR_ONE_ADDRESS, FROM_ONE_PLACE
from storefront.shop.visitor import NEW_VISITORS
from tenants.accounts.models import Tenant
from tenants.sessions.models import ShopperSession
from tenants.sessions.services import forget_old_shopper_sessions
from tests.browsers import Browser, browse
from tests.factories.storefront import make_pickup_point, make_product, stock_left
from tests.storefront.shop.steps import fill_cart, filled_in, submit


@pytest.fixture
def carrots(greenfield: Tenant) -> Product:
    make_pickup_point(greenfield)
    return make_product(greenfield, stock="100")


def order_again(browser: Browser, product: Product, **answers: str) -> int:
    fill_cart(browser, product, "1")
    return submit(browser, filled_in(browser.get("/checkout"), **answers)).status_code


def test_nobodys_mailbox_is_filled_with_orders(
    shopper: Browser, carrots: Product, admin: psycopg.Connection
) -> None:
    answers = [order_again(shopper, carrots) for _ in range(FOR_ONE_ADDRESS + 1)]

    assert answers == [303] * FOR_ONE_ADDRESS + [429]
    assert admin.execute("SELECT count(*) FROM orders").fetchall() == [(FOR_ONE_ADDRESS,)]
    assert order_again(shopper, carrots, email="someone.else@example.org") == 303


def test_the_stock_is_not_set_aside_from_one_place(
    greenfield: Tenant, shopper: Browser, carrots: Product
) -> None:
    answers = [
        order_again(shopper, carrots, email=f"m{n}@example.org") for n in range(FROM_ONE_PLACE + 1)
    ]

    assert answers[-2:] == [303, 429]
    assert stock_left(greenfield, carrots.id) == 100_000 - 1000 * FROM_ONE_PLACE
    assert "carrots" in shopper.get("/cart").text.lower()


def test_a_visitors_cookie_is_worth_nothing_next_door(
    app: Flask, hillside: Tenant, shopper: Browser, carrots: Product
) -> None:
    fill_cart(shopper, carrots, "1")
    cookie = shopper.get_cookie("sid", domain="greenfield.shops.test")
    assert cookie is not None
    next_door = browse(app, f"{hillside.slug}.shops.test")
    next_door.set_cookie("sid", cookie.value, domain="hillside.shops.test")

    assert "Carrots" not in next_door.get("/cart").text
    assert fill_cart(next_door, carrots, "1").status_code == 404
    assert next_door.get("/account").location == "/sign-in"


def test_a_machine_that_returns_no_cookie_makes_no_rows_without_end(
    app: Flask, greenfield: Tenant, carrots: Product
) -> None:
    statuses = []
    for _ in range(NEW_VISITORS + 5):
        machine = browse(app, "greenfield.shops.test", address="192.0.2.1")
        line = {"product": str(carrots.id), "quantity": "1"}
        statuses.append(machine.post("/cart/lines", data=line).status_code)
    assert statuses == [303] * NEW_VISITORS + [429] * 5
    with acting_for(greenfield.id):
        count = select(func.count()).select_from(ShopperSession)
        assert db.session.scalar(count) == NEW_VISITORS
    elsewhere = browse(app, "greenfield.shops.test", address="198.51.100.1")
    line = {"product": str(carrots.id), "quantity": "1"}
    assert elsewhere.post("/cart/lines", data=line).status_code == 303


def test_asking_for_nothing_makes_no_visitor(
    app: Flask, greenfield: Tenant, carrots: Product
) -> None:
    stranger = browse(app, "greenfield.shops.test")
    assert stranger.post("/sign-in/code", data={"code": "123456"}).status_code == 422
    assert stranger.post(f"/account/devices/{new_id()}/removal").status_code == 404
    with acting_for(greenfield.id):
        assert db.session.scalars(select(ShopperSession)).all() == []


def test_who_never_came_back_is_forgotten_after_a_day_and_who_did_is_not(
    app: Flask, greenfield: Tenant, carrots: Product
) -> None:
    line = {"product": str(carrots.id), "quantity": "1"}
    gone = browse(app, "greenfield.shops.test")
    back = browse(app, "greenfield.shops.test")
    for one in (gone, back):
        assert one.post("/cart/lines", data=line).status_code == 303
    assert back.get("/cart").status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1, hours=1)), acting_for(greenfield.id):
        forget_old_shopper_sessions()
        assert len(db.session.scalars(select(ShopperSession)).all()) == 1
