"""Two people at the same shelf at the same moment."""

import pytest
from flask import Flask

from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.catalog.queries import list_categories
from storefront.catalog.rules import Names, ProductFacts
from storefront.catalog.services import create_category, create_product
from tenants.accounts.models import Tenant
from tests.storefront.catalog.test_races import at_once

pytestmark = pytest.mark.race
CARROTS = ProductFacts(names=Names("Carrots"), unit=Unit.KG, price_minor=350)


def product_slug() -> str:
    return create_product(facts=CARROTS).slug


def category_slug() -> str:
    return create_category(names=Names("Roots")).slug


def test_products_of_one_name_made_at_once_get_addresses_of_their_own(
    app: Flask, greenfield: Tenant
) -> None:
    outcome = at_once(app, greenfield, [product_slug] * 6)

    assert set(outcome) == {"carrots", *(f"carrots-{n}" for n in range(2, 7))}


def test_so_do_shelves(app: Flask, greenfield: Tenant) -> None:
    outcome = at_once(app, greenfield, [category_slug] * 6)

    assert set(outcome) == {"roots", *(f"roots-{n}" for n in range(2, 7))}
    with acting_for(greenfield.id):
        assert [category.position for category in list_categories()] == [1, 2, 3, 4, 5, 6]
