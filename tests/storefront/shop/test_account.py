"""Seeing one's own orders with a code from a mail, and nobody else's."""

import re
from typing import Any

import pytest
from flask import Flask

from storefront.catalog.models import Product
from tenants.accounts.models import Tenant
from tests.browsers import Browser, browse
from tests.factories.orders import make_order
from tests.factories.storefront import make_pickup_point, make_product
from tests.jobs import run_due_jobs
from tests.storefront.shop.steps import fill_cart, order_page

MIA = "mia@example.org"


@pytest.fixture
def carrots(greenfield: Tenant) -> Product:
    make_pickup_point(greenfield)
    return make_product(greenfield)


def ask(app: Flask, browser: Browser, outbox: list[Any], email: str = MIA) -> str:
    """The code that was mailed, or nothing."""
    outbox.clear()
    answer = browser.post("/sign-in", data={"email": email})
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    run_due_jobs(app)
    codes = [re.search(r"\b\d{6}\b", mail.body) for mail in outbox if "code" in mail.subject]
    return codes[0].group() if codes and codes[0] else ""


def sign_in(app: Flask, browser: Browser, outbox: list[Any]) -> None:
    answer = browser.post("/sign-in/code", data={"code": ask(app, browser, outbox)})
    assert (answer.status_code, answer.location) == (303, "/account")


def test_a_code_shows_my_orders_and_keeps_my_cart(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    placed = order_page(shopper, carrots)
    fill_cart(shopper, carrots, "2")
    before = shopper.get_cookie("sid", domain="greenfield.shops.test")

    sign_in(app, shopper, outbox)

    page = shopper.get("/account").text
    assert f'href="{placed}"' in page
    assert "1001" in page
    assert "Carrots" in shopper.get("/cart").text
    after = shopper.get_cookie("sid", domain="greenfield.shops.test")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    stolen = browse(app, "greenfield.shops.test")
    stolen.set_cookie("sid", before.value, domain="greenfield.shops.test")
    assert stolen.get("/account").location == "/sign-in"


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    order_page(shopper, carrots)
    stranger = browse(app, "greenfield.shops.test")

    assert ask(app, stranger, outbox, "nobody@example.org") == ""
    assert stranger.post("/sign-in/code", data={"code": "000000"}).status_code == 422
    assert stranger.post("/sign-in/code", data={"code": ""}).status_code == 422
    assert stranger.get("/account").location == "/sign-in"


def test_a_code_fits_once_and_only_where_it_was_asked_for(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    order_page(shopper, carrots)
    code = ask(app, shopper, outbox)
    other = browse(app, "greenfield.shops.test")

    assert other.post("/sign-in/code", data={"code": code}).status_code == 422
    assert shopper.post("/sign-in/code", data={"code": code}).status_code == 303
    assert shopper.post("/sign-in/code", data={"code": code}).status_code == 422


def test_guessing_ends_after_five_tries(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    order_page(shopper, carrots)
    code = ask(app, shopper, outbox)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    for _ in range(5):
        assert shopper.post("/sign-in/code", data={"code": wrong}).status_code == 422

    assert shopper.post("/sign-in/code", data={"code": code}).status_code == 422
    assert shopper.get("/account").location == "/sign-in"


def test_codes_are_not_sent_without_end(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    order_page(shopper, carrots)
    for _ in range(5):
        ask(app, shopper, outbox)

    refused = shopper.post("/sign-in", data={"email": MIA})

    assert refused.status_code == 429
    assert f'value="{MIA}"' in refused.text


def test_the_neighbours_orders_are_not_mine(
    app: Flask, shopper: Browser, carrots: Product, hillside: Tenant, outbox: list[Any]
) -> None:
    make_order(hillside, name="Mia next door")
    order_page(shopper, carrots)
    sign_in(app, shopper, outbox)

    page = shopper.get("/account").text

    assert page.count("/orders/") == 1
    cookie = shopper.get_cookie("sid", domain="greenfield.shops.test")
    assert cookie is not None
    next_door = browse(app, "hillside.shops.test")
    next_door.set_cookie("sid", cookie.value, domain="hillside.shops.test")
    assert next_door.get("/account").location == "/sign-in"


def test_devices_are_listed_and_signed_out(
    app: Flask, shopper: Browser, carrots: Product, outbox: list[Any]
) -> None:
    order_page(shopper, carrots)
    phone = browse(app, "greenfield.shops.test")
    sign_in(app, phone, outbox)
    sign_in(app, shopper, outbox)

    (removal,) = re.findall(r'action="(/account/devices/[^"]+)"', shopper.get("/account").text)
    stranger = browse(app, "greenfield.shops.test")
    assert stranger.post(removal).status_code == 404
    assert phone.get("/account").status_code == 200

    assert shopper.post(removal).status_code == 303
    assert phone.get("/account").location == "/sign-in"
    assert shopper.post("/sign-out").location == "/"
    assert shopper.get("/account").location == "/sign-in"
