"""The first page of the day."""

import pytest
import time_machine

from kernel.scope import acting_for
from storefront.catalog.queries import has_own_product
from tenants.accounts.models import Tenant
from tests.conftest import Browser
from tests.factories.storefront import make_product
from tests.statements import statements

MOST = 23


def test_a_new_shop_shows_what_to_set_up(ana: Browser) -> None:
    page = ana.get("/greenfield/").text

    assert "Set up your shop" in page
    assert "Put a product of your own on sale" in page
    assert "0 of 6 done" not in page


def test_steps_are_ticked_by_facts(ana: Browser, greenfield: Tenant) -> None:
    before = ana.get("/greenfield/").text
    ana.post("/greenfield/settings", data={"name": "Greenfield", "about_en": "Carrots."})
    after = ana.get("/greenfield/").text

    assert before.count('<li class="done">') + 1 == after.count('<li class="done">')
    with acting_for(greenfield.id):
        assert not has_own_product()


def test_a_packer_sees_the_day_and_no_setup(ben: Browser) -> None:
    page = ben.get("/greenfield/").text

    assert "to prepare" in page
    assert "Hand over an order" in page
    assert "Set up your shop" not in page
    assert "/greenfield/settings" not in page


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-11-21 06:00:00+00:00", "Good morning, Ana"),
        ("2026-11-21 11:30:00+00:00", "Good afternoon, Ana"),  # 12:30 in Berlin
        ("2026-11-21 22:59:00+00:00", "Saturday, 21 November"),
        ("2026-11-21 23:01:00+00:00", "Sunday, 22 November"),
    ],
)
def test_the_day_is_the_shops_day(ana: Browser, instant: str, words: str) -> None:
    with time_machine.travel(instant, tick=False):
        assert words in ana.get("/greenfield/").text


def test_the_page_takes_few_statements(ana: Browser, greenfield: Tenant) -> None:
    ana.get("/greenfield/")
    with statements() as said:
        assert ana.get("/greenfield/").status_code == 200
    once = len(said)
    for number in range(3):
        make_product(greenfield, f"Carrots {number}")
    with statements() as said:
        ana.get("/greenfield/")

    assert len(said) == once <= MOST


def test_the_page_speaks_chinese(ana: Browser) -> None:
    assert "待备货" in ana.get("/greenfield/?lang=zh").text
