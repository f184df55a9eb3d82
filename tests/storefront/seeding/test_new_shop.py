"""A shop works on its first day, and its samples go in one click."""

import pytest
from flask import Flask

from kernel.db import new_id, transaction
from kernel.outbox import announce
from kernel.scope import acting_for
from storefront.catalog.models import ProductState
from storefront.catalog.queries import count_products, count_samples, list_categories, list_products
from storefront.catalog.rules import Names, ProductFacts
from storefront.catalog.services import edit_product, hold_stock, remove_samples
from storefront.pickup.queries import list_open_places
from storefront.seeding.goods import SAMPLES, sample_price
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tests.conftest import Browser
from tests.factories.storefront import make_product
from tests.jobs import run_due_jobs


def open_doors(app: Flask, tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        announce("shop.opened")
    run_due_jobs(app)


def test_a_new_shop_sells_from_its_first_day(app: Flask, greenfield: Tenant) -> None:
    open_doors(app, greenfield)

    with acting_for(greenfield.id):
        page = list_products()
        assert len(page.rows) == len(SAMPLES)
        assert all(len(product.photos) == 1 for product in page.rows)
        assert all(product.name_zh and product.description_zh for product in page.rows)
        assert len(list_open_places()) == 1
        assert len(list_categories(on_sale_only=True)) == 3


def test_opening_twice_furnishes_once(app: Flask, greenfield: Tenant) -> None:
    open_doors(app, greenfield)
    open_doors(app, greenfield)

    with acting_for(greenfield.id):
        assert list_products().total == len(SAMPLES)


def test_a_shop_with_a_product_of_its_own_gets_no_samples(app: Flask, greenfield: Tenant) -> None:
    make_product(greenfield, "Kale")

    open_doors(app, greenfield)

    with acting_for(greenfield.id):
        assert [product.name_en for product in list_products().rows] == ["Kale"]


def test_samples_go_and_what_was_made_ones_own_stays(app: Flask, greenfield: Tenant) -> None:
    open_doors(app, greenfield)
    with acting_for(greenfield.id):
        edited, ordered, *_rest = list_products().rows
        facts = ProductFacts(names=Names("Mine"), unit=edited.unit, price_minor=100)
        edit_product(product_id=edited.id, version=edited.version, facts=facts)
        hold_stock(reference=new_id(), quantities={ordered.id: 1000})

    with acting_for(greenfield.id):
        assert remove_samples() == len(SAMPLES) - 1
        assert remove_samples() == 0

    with acting_for(greenfield.id):
        assert [product.name_en for product in list_products().rows] == ["Mine"]
        assert count_products()[ProductState.ARCHIVED] == 1
        assert count_samples() == 0
        assert list_categories() == []
        assert get_profile().sample_data is False


def test_one_click_removes_the_samples(
    app: Flask, greenfield: Tenant, ana: Browser, shopper: Browser
) -> None:
    open_doors(app, greenfield)
    assert "Carrots" in shopper.get("/").text
    assert "Remove the samples" in ana.get("/greenfield/products").text

    answer = ana.post("/greenfield/samples/removal", follow_redirects=True)

    assert "4 samples removed." in answer.text
    assert "Remove the samples" not in answer.text
    assert "Carrots" not in shopper.get("/").text


@pytest.mark.parametrize(
    ("currency", "price"),
    [("EUR", 320), ("CNY", 1280), ("JPY", 510), ("VND", 86_400), ("SEK", 3520)],
)
def test_sample_prices_look_like_prices(currency: str, price: int) -> None:
    assert sample_price(SAMPLES[0], currency) == price
