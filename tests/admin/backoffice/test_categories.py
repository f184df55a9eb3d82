"""Shelves are named, put in order and removed when empty."""

import pytest

from kernel.scope import acting_for
from storefront.catalog.models import Category
from storefront.catalog.queries import list_categories
from tenants.accounts.models import Tenant
from tests.conftest import Browser
from tests.factories.storefront import make_category, make_product


def shelves(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return [category.name_en for category in list_categories()]


def at(category: Category, verb: str = "") -> str:
    return f"/greenfield/categories/{category.id}{verb}"


def test_a_new_shelf_stands_last(ana: Browser, greenfield: Tenant) -> None:
    make_category(greenfield, "Fruit")

    answer = ana.post("/greenfield/categories/new", data={"name_en": "Honey", "name_zh": "蜂蜜"})

    assert answer.status_code == 303
    assert shelves(greenfield) == ["Fruit", "Honey"]
    assert "Honey" in ana.get(answer.location).text


def test_a_shelf_is_renamed_and_keeps_its_address(ana: Browser, greenfield: Tenant) -> None:
    fruit = make_category(greenfield, "Fruit")

    assert 'value="Fruit"' in ana.get(at(fruit)).text
    ana.post(at(fruit), data={"name_en": "Fresh fruit", "name_zh": ""})

    with acting_for(greenfield.id):
        (renamed,) = list_categories()
    assert (renamed.name_en, renamed.slug) == ("Fresh fruit", "fruit")


@pytest.mark.parametrize("names", [{"name_en": " ", "name_zh": ""}, {"name_en": "x" * 61}])
def test_a_shelf_without_a_fitting_name_is_refused(
    ana: Browser, greenfield: Tenant, names: dict[str, str]
) -> None:
    assert ana.post("/greenfield/categories/new", data=names).status_code == 422
    assert shelves(greenfield) == []


def test_shelves_move_up_one_by_one(ana: Browser, greenfield: Tenant) -> None:
    made = [make_category(greenfield, name) for name in ("A", "B", "C")]

    ana.post(at(made[2], "/position"))
    ana.post(at(made[0], "/position"))

    assert shelves(greenfield) == ["A", "C", "B"]


def test_only_an_empty_shelf_goes(ana: Browser, greenfield: Tenant) -> None:
    fruit, honey = make_category(greenfield, "Fruit"), make_category(greenfield, "Honey")
    make_product(greenfield, category=fruit)

    assert ana.post(at(honey, "/removal")).status_code == 303
    refused = ana.post(at(fruit, "/removal"))

    assert refused.status_code == 422
    assert "still holds products (1)" in refused.text
    assert shelves(greenfield) == ["Fruit"]


def test_a_neighbours_shelf_is_not_there(
    carol: Browser, greenfield: Tenant, hillside: Tenant
) -> None:
    fruit = make_category(greenfield)

    for verb in ("", "/position", "/removal"):
        path = f"/hillside/categories/{fruit.id}{verb}"
        assert carol.post(path, data={"name_en": "Mine"}).status_code == 404
    assert shelves(greenfield) == ["Fruit"]
