"""Looking around: languages, what machines read, empty shelves, and what a page costs."""

import json
import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from kernel import clock
from kernel.db import transaction
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.catalog.models import Product
from tenants import resolve
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tests.browsers import Browser
from tests.factories.storefront import make_category, make_pickup_point, make_product
from tests.statements import statements
from tests.storefront.shop.steps import fill_cart, order_page


@pytest.fixture
def shelf(greenfield: Tenant) -> list[Product]:
    make_pickup_point(greenfield, "Market Hall", "集市大厅")
    fruit = make_category(greenfield)
    return [
        make_product(greenfield, price=320, grower="Berg family", category=fruit),
        make_product(greenfield, "Eggs", "鸡蛋", unit=Unit.EACH, stock="3"),
        make_product(greenfield, "Honey", "蜂蜜", unit=Unit.BOX, stock="0"),
    ]


def test_the_first_screen_says_what_when_and_where(shopper: Browser, shelf: list[Product]) -> None:
    page = shopper.get("/").text

    assert "Next pick-up" in page
    assert "Market Hall" in page
    assert "Order by" in page
    assert "€3.20" in page
    assert "0.25 kg for €0.80" in page


def test_what_sold_out_stays_and_says_so(shopper: Browser, shelf: list[Product]) -> None:
    page = shopper.get("/").text

    assert "Sold out" in page
    assert "Only 3 pieces left" in page
    sold_out = shopper.get("/products/honey").text
    assert "Put in the cart" not in sold_out
    assert "Nothing of this is left" in sold_out


def test_the_language_is_changed_on_the_same_page(shopper: Browser, shelf: list[Product]) -> None:
    page = shopper.get("/products/carrots?quantity=2")
    assert 'href="?quantity=2&amp;lang=zh"' in page.text

    chinese = shopper.get("/products/carrots?quantity=2&lang=zh").text
    assert '<html lang="zh-Hans"' in chinese
    assert "胡萝卜" in chinese
    assert "加入购物车" in chinese
    assert "2 公斤 €6.40" in chinese
    assert "购物车是空的" in shopper.get("/cart").text


def test_search_engines_find_each_language(shopper: Browser, shelf: list[Product]) -> None:
    page = shopper.get("/products/carrots?utm=x").text

    here = "http://greenfield.shops.test/products/carrots"
    assert f'<link rel="canonical" href="{here}?lang=en">' in page
    assert f'<link rel="alternate" hreflang="zh-Hans" href="{here}?lang=zh">' in page
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    facts = json.loads(found.group(1))
    assert (facts["name"], facts["offers"]["price"]) == ("Carrots", "3.20")
    assert facts["offers"]["availability"].endswith("InStock")


def test_machines_are_told_where_to_look(shopper: Browser, shelf: list[Product]) -> None:
    robots = shopper.get("/robots.txt")
    assert "Disallow: /orders/" in robots.text
    assert "Sitemap: http://greenfield.shops.test/sitemap.xml" in robots.text

    with statements() as sent:
        sitemap = shopper.get("/sitemap.xml").text
    assert "<loc>http://greenfield.shops.test/products/carrots?lang=zh</loc>" in sitemap
    assert f"<lastmod>{clock.now().date()}</lastmod>" in sitemap
    assert not [one for one in sent if "product_photos" in one or "description" in one]
    assert "hillside" not in sitemap


def test_a_foreign_host_header_builds_no_link(app: Flask, shopper: Browser) -> None:
    page = shopper.get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text


def test_colours_are_typed_and_may_be_kept(shopper: Browser) -> None:
    answer = shopper.get("/theme.css?v=meadow-leaf")

    assert answer.mimetype == "text/css"
    assert "public" in answer.headers["Cache-Control"]
    assert "--accent" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/products/pears", "/categories/pears", "/products/pears/price", "/media/x.webp"],
)
def test_what_is_next_door_is_not_found(
    shopper: Browser, neighbour: Browser, hillside: Tenant, shelf: list[Product], path: str
) -> None:
    make_product(hillside, "Pears", "梨", category=make_category(hillside, "Pears", "梨"))

    answer = shopper.get(path)

    assert answer.status_code == 404
    assert "Pears" not in answer.text
    assert neighbour.get("/products/pears").status_code == 200
    assert "Pears" not in shopper.get("/").text
    assert "Pears" not in shopper.get("/search?q=pears").text.partition("</h1>")[2]


def test_unpublished_products_are_not_found(shopper: Browser, greenfield: Tenant) -> None:
    make_product(greenfield, "Draft", "草稿", published=False)
    assert shopper.get("/products/draft").status_code == 404


def test_an_empty_shop_says_what_will_be_here(shopper: Browser) -> None:
    page = shopper.get("/")

    assert page.status_code == 200
    assert "Nothing is on sale yet" in page.text
    assert "There is no pick-up day" in page.text


def test_what_the_cooperative_writes_runs_nowhere(
    shopper: Browser, greenfield: Tenant, shelf: list[Product]
) -> None:
    with acting_for(greenfield.id), transaction():
        profile = get_profile(lock=True)
        profile.name = "<script>alert(1)</script>{{7*7}}"
        profile.about_en = "<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1))"

    page = shopper.get("/").text

    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "{{7*7}}" in page


class Inline(HTMLParser):
    """Finds what a strict content security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        if tag == "script" and not names.get("nonce"):
            self.found.append("script without nonce")


def test_no_page_holds_what_the_browser_would_block(shopper: Browser, shelf: list[Product]) -> None:
    placed = order_page(shopper, shelf[0])
    fill_cart(shopper, shelf[0], "1")

    for path in ("/", "/products/carrots", "/cart", "/checkout", placed, "/sign-in", "/search"):
        parser = Inline()
        parser.feed(shopper.get(path).text)
        assert parser.found == [], path


MOST = {"/": 15, "/categories/fruit": 16, "/products/carrots": 16, "/cart": 9, "/search?q=ca": 13}


@pytest.mark.parametrize("path", MOST)
def test_a_page_asks_the_same_however_much_it_shows(
    shopper: Browser, greenfield: Tenant, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "REMEMBER_SECONDS", 3600)
    make_pickup_point(greenfield)
    fruit = make_category(greenfield)

    def cost() -> int:
        shopper.get(path)
        with statements() as sent:
            assert shopper.get(path).status_code == 200
        return len([one for one in sent if not one.startswith("SET LOCAL")])

    fill_cart(shopper, make_product(greenfield, category=fruit), "1")
    few = cost()
    for number in range(12):
        more = make_product(greenfield, f"Cabbage {number}", f"菜{number}", category=fruit)
        fill_cart(shopper, more, "1")
    many = cost()

    assert many == few
    assert many <= MOST[path]


def test_ways_to_pay_are_those_the_shop_offers(shopper: Browser, shelf: list[Product]) -> None:
    fill_cart(shopper, shelf[0], "1")

    page = shopper.get("/checkout").text

    assert f'value="{PaymentMethod.AT_PICKUP.value}"' in page
    assert f'value="{PaymentMethod.STRIPE.value}"' not in page
