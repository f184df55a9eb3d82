"""Two who edit one thing: the second sees what the first saved, loses nothing, and can save."""

import re
from dataclasses import dataclass, field

import pytest
from werkzeug.test import TestResponse

from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.storefront import make_category, make_pickup_point, make_product


def fields_of(page: TestResponse, action: str) -> dict[str, str]:
    """What the form with this address would send as it stands."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.DOTALL)
    assert form is not None, action
    found = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name, kind = re.search(r'name="([^"]*)"', tag), re.search(r'type="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        ticked = kind is None or kind[1] not in ("radio", "checkbox") or "checked" in tag
        if name and ticked:
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL
    ):
        found[name] = text.strip()
    for name, options in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form[0], re.DOTALL
    ):
        chosen = re.search(r"<option[^>]*selected[^>]*>", options)
        value = re.search(r'value="([^"]*)"', chosen[0]) if chosen else None
        found[name] = value[1] if value else ""
    return found


@dataclass
class Edit:
    path: str
    first: dict[str, str]
    second: dict[str, str]
    told: list[str] = field(default_factory=list)


@pytest.fixture(params=["product", "point", "category", "words", "look", "place"])
def edit(request: pytest.FixtureRequest, greenfield: Tenant) -> Edit:
    at = "/greenfield"
    if request.param == "product":
        made = make_product(greenfield, price=320)
        return Edit(
            f"{at}/products/{made.id}", {"price": "4.40", "name_en": "Young carrots"},
            {"grower": "Lin", "name_en": "Old carrots"}, ["4.40", "Young carrots"],
        )  # fmt: skip
    if request.param == "point":
        point = make_pickup_point(greenfield)
        return Edit(
            f"{at}/pickup-points/{point.id}", {"address": "Barn 2", "opens_0": "10:00"},
            {"address": "Barn 3"}, ["Barn 2", "10:00", "Monday, opens"],
        )  # fmt: skip
    if request.param == "category":
        shelf = make_category(greenfield)
        return Edit(
            f"{at}/categories/{shelf.id}", {"name_en": "Roots"}, {"name_en": "Leaves"}, ["Roots"]
        )
    if request.param == "words":
        return Edit(
            f"{at}/settings", {"contact_phone": "+49 1"}, {"about_en": "We grow."}, ["+49 1"]
        )
    if request.param == "look":
        return Edit(f"{at}/settings/look", {"theme": "orchard"}, {"theme": "paddy"}, ["Orchard"])
    return Edit(
        f"{at}/settings/place", {"time_zone": "Asia/Shanghai"},
        {"time_zone": "Europe/Vienna"}, ["Asia/Shanghai"],
    )  # fmt: skip


def test_the_second_to_save_sees_what_the_first_saved_and_can_save(
    ana: Browser, edit: Edit
) -> None:
    page = fields_of(ana.get(edit.path), edit.path)
    assert ana.post(edit.path, data=page | edit.first).status_code == 303

    told = ana.post(edit.path, data=page | edit.second)

    assert told.status_code == 409
    beside = told.text.split('id="theirs"')[1].split("</section>")[0]
    for saved in edit.told:
        assert saved in beside
    kept = fields_of(told, edit.path)
    for name, typed in edit.second.items():
        assert kept[name] == typed
    stored = fields_of(ana.get(edit.path), edit.path)
    for name, saved in edit.first.items():
        assert stored[name] == saved, "nothing was overwritten"

    assert ana.post(edit.path, data=kept).status_code == 303
    stored = fields_of(ana.get(edit.path), edit.path)
    for name, typed in edit.second.items():
        assert stored[name] == typed


def test_who_saves_twice_without_a_colleague_is_told_nothing(ana: Browser, edit: Edit) -> None:
    for changes in (edit.first, edit.second):
        page = ana.get(edit.path)
        assert "Saved by someone else" not in page.text
        saved = ana.post(edit.path, data=fields_of(page, edit.path) | changes)
        assert saved.status_code == 303
