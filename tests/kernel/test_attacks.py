"""Requests that no browser makes: each is refused, none breaks the server."""

import pytest

from tests.browsers import Browser

NO_ORIGINS = ["http://[", "http://[::1", "http://a]b", "//", "%", "null", "greenfield.shops.test"]
SHOP_PAGES = ["/categories/%00", "/products/a%00b", "/search?q=%00", "/?page=%00", "/?lang=%00"]
OFFICE_PAGES = ["/%00/", "/%00/orders", "/greenfield/products?category=%00", "/join/%00"]


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_an_origin_that_is_no_address_is_refused(shopper: Browser, origin: str) -> None:
    assert shopper.post("/cart/changes", headers={"Origin": origin}).status_code == 403


def test_the_shops_own_origin_is_let_in(shopper: Browser) -> None:
    own = {"Origin": "http://greenfield.shops.test"}

    assert shopper.post("/cart/changes", headers=own).status_code == 303


@pytest.mark.parametrize("path", SHOP_PAGES)
def test_nothing_is_found_under_an_invisible_character(shopper: Browser, path: str) -> None:
    assert shopper.get(path).status_code == 404


@pytest.mark.parametrize("path", OFFICE_PAGES)
def test_nor_in_the_back_office(ana: Browser, path: str) -> None:
    assert ana.get(path).status_code == 404
