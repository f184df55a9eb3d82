"""What a shopper does with a shop's pages, as a browser without scripts would."""

import html
import re

from werkzeug.test import TestResponse

from storefront.catalog.models import Product
from tests.browsers import Browser


def fill_cart(browser: Browser, product: Product, quantity: str) -> TestResponse:
    """Put so much of a product into the cart."""
    fields = {"product": str(product.id), "quantity": quantity, "part": "tile", "back": "/"}
    return browser.post("/cart/lines", data=fields)


def filled_in(page: TestResponse, **answers: str) -> dict[str, str]:
    """The checkout form as Mia fills it in, with the first day and way to pay that are offered."""
    text = page.text
    text = text[text.index('action="/checkout"') :]
    key = _first(r'name="key"[^>]*value="([^"]+)"', text)
    day = _first(r'(?:<option value="|name="pickup"[^>]*value=")([^"|]+\|[^"]+)"', text)
    return {
        "key": key,
        "seen": _first(r'name="seen"[^>]*value="([^"]+)"', text),
        "name": "Mia Brandt",
        "email": "mia@example.org",
        "phone": "",
        "pickup": day,
        "method": "at_pickup",
        "note": "",
        **answers,
    }


def submit(browser: Browser, answers: dict[str, str]) -> TestResponse:
    """Press the button of the checkout."""
    return browser.post("/checkout", data=answers)


def go_on(browser: Browser) -> TestResponse:
    """Press "Go on with these changes" on the cart as it is shown now."""
    return browser.post("/cart/changes", data={"seen": shown_on(browser.get("/cart"))})


def shown_on(page: TestResponse) -> str:
    """What the cart's page says that its button agrees to."""
    return _first(r'action="/cart/changes".*?name="seen" value="([^"]+)"', page.text)


def order_page(browser: Browser, product: Product, quantity: str = "1", **answers: str) -> str:
    """Order and return the path of the order's page."""
    fill_cart(browser, product, quantity)
    placed = submit(browser, filled_in(browser.get("/checkout"), **answers))
    assert placed.status_code == 303, placed.text
    return placed.location


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None, pattern
    return html.unescape(found.group(1))
