"""Changing the cart in place, with and without scripts, and being told what has changed."""

import pytest
from flask import Flask

from kernel.db import transaction
from kernel.scope import acting_for
from storefront.catalog.models import Product
from storefront.catalog.queries import get_own_product
from tenants.accounts.models import Tenant
from tests.browsers import Browser, browse
from tests.factories.storefront import make_product
from tests.storefront.shop.steps import fill_cart, go_on

HTMX = {"HX-Request": "true"}


@pytest.fixture
def carrots(greenfield: Tenant) -> Product:
    return make_product(greenfield, price=320, stock="10", step="0.25")


def test_adding_leads_back_to_where_one_was(shopper: Browser, carrots: Product) -> None:
    answer = shopper.post(
        "/cart/lines",
        data={"product": str(carrots.id), "quantity": "1", "part": "tile", "back": "/?page=2"},
    )

    assert (answer.status_code, answer.location) == (303, "/?page=2")
    assert "€3.20" in shopper.get("/cart").text


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "",
        "/%0d%0aSet-Cookie:x\r\n", "javascript:alert(1)", "/" + "x" * 2100, "/\tevil",
    ],
)  # fmt: skip
def test_a_form_leads_nowhere_but_into_this_shop(
    shopper: Browser, carrots: Product, back: str
) -> None:
    answer = shopper.post(
        "/cart/lines", data={"product": str(carrots.id), "quantity": "1", "back": back}
    )

    assert (answer.status_code, answer.location) == (303, "/cart")


def test_with_scripts_only_the_changed_piece_comes_back(shopper: Browser, carrots: Product) -> None:
    answer = shopper.post(
        "/cart/lines",
        data={"product": str(carrots.id), "quantity": "1.25", "part": "tile", "back": "/"},
        headers=HTMX,
    )

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="tile-carrots"' in answer.text
    assert 'id="cart-link"' in answer.text
    assert 'value="1.25"' in answer.text
    assert "€4.00" in answer.text


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("1.1", "The nearest amounts are 1 / 1.25"),
        ("99", "Only 10 kg is left"),
        ("-1", "Enter a quantity such as 1.25"),
        ("NaN", "Enter a quantity such as 1.25"),
        ("1e3", "Enter a quantity such as 1.25"),
        ("9" * 12, "Enter a quantity such as 1.25"),
    ],
)
def test_amounts_that_cannot_be_are_said_where_they_were_typed(
    shopper: Browser, carrots: Product, quantity: str, said: str
) -> None:
    fields = {"product": str(carrots.id), "quantity": quantity, "back": "/"}
    for part, headers in (("product", {}), ("tile", HTMX)):
        answer = shopper.post("/cart/lines", data=fields | {"part": part}, headers=headers)
        assert answer.status_code == 422
        assert said in answer.text

    fill_cart(shopper, carrots, "2")
    in_cart = shopper.post("/cart/lines", data=fields | {"part": "cart"})
    assert in_cart.status_code == 422
    assert said in in_cart.text
    assert "€6.40" in in_cart.text


@pytest.mark.parametrize("product", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_products_that_are_not_here_are_not_found(
    shopper: Browser, carrots: Product, product: str
) -> None:
    answer = shopper.post("/cart/lines", data={"product": product, "quantity": "1"})
    assert answer.status_code == 404


def test_a_product_of_the_neighbours_is_not_found(
    shopper: Browser, hillside: Tenant, carrots: Product
) -> None:
    theirs = make_product(hillside, "Secret pears")

    answer = shopper.post("/cart/lines", data={"product": str(theirs.id), "quantity": "1"})

    assert answer.status_code == 404
    assert "Secret pears" not in answer.text
    assert "Your cart is empty" in shopper.get("/cart").text


def test_a_visitors_cookie_is_worth_nothing_next_door(
    app: Flask, shopper: Browser, neighbour: Browser, carrots: Product
) -> None:
    fill_cart(shopper, carrots, "1")
    cookie = shopper.get_cookie("sid", domain="greenfield.shops.test")
    assert cookie is not None

    neighbour.set_cookie("sid", cookie.value, domain="hillside.shops.test")
    assert "Your cart is empty" in neighbour.get("/cart").text

    twin = browse(app, "greenfield.shops.test")
    twin.set_cookie("sid", cookie.value, domain="greenfield.shops.test")
    assert "Carrots" in twin.get("/cart").text


def test_looking_around_makes_no_visitor(shopper: Browser, carrots: Product) -> None:
    for path in ("/", "/cart", "/products/carrots", "/search?q=car"):
        shopper.get(path)

    assert shopper.get_cookie("sid", domain="greenfield.shops.test") is None


def test_a_new_price_is_told_and_the_shopper_chooses(
    shopper: Browser, greenfield: Tenant, carrots: Product
) -> None:
    fill_cart(shopper, carrots, "1")
    with acting_for(greenfield.id), transaction():
        get_own_product(carrots.id, lock=True).price_minor = 395

    told = shopper.get("/cart").text
    assert "The price of Carrots changed from €3.20 to €3.95." in told
    assert shopper.get("/checkout").location == "/cart"

    assert go_on(shopper).location == "/cart"
    taken = shopper.get("/cart").text
    assert "Changed since you looked" not in taken
    assert "€3.95" in taken
    assert 'href="/checkout"' in taken


def test_the_price_of_an_amount_is_worked_out_by_a_button(
    shopper: Browser, carrots: Product
) -> None:
    asked = shopper.post(
        "/cart/lines",
        data={"product": str(carrots.id), "quantity": "2.5", "part": "product", "do": "price"},
    )

    assert asked.location == "/products/carrots?quantity=2.5"
    assert "2.5 kg for €8.00" in shopper.get(asked.location).text
    assert "2.5 kg for €8.00" in shopper.get("/products/carrots/price?quantity=2.5").text
    assert "Your cart is empty" in shopper.get("/cart").text
