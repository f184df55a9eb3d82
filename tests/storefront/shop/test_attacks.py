"""What a stranger without an account can do to a shop and to other people's mailboxes."""

import psycopg
import pytest
from flask import Flask

from storefront.catalog.models import Product
from storefront.shop.checkout import FOR_ONE_ADDRESS, FROM_ONE_PLACE
from tenants.accounts.models import Tenant
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
