"""One box finds a record by whatever people have in hand."""

import pytest

from kernel.settings import settings
from tests.browsers import Browser
from tests.factories.console import Lived


def look_for(console: Browser, text: str) -> tuple[str, str]:
    """Where the search leads, and what its page says when it found several."""
    answer = console.get("/search/", query_string={"q": text})
    return (answer.location, "") if answer.status_code == 302 else ("", answer.text)


@pytest.mark.parametrize(
    "text",
    ["hillside", "HillSide", "Hillside Farms", " hillside ", "hillside.shops.test",
     "http://hillside.shops.test:8000/products/7", "www.hillside.example", "www.hillside.example."],
)  # fmt: skip
def test_a_shop_is_found_by_address_name_and_host(
    console: Browser, green: Lived, hills: Lived, text: str
) -> None:
    assert look_for(console, text) == (f"/tenants/{hills.tenant.id}", "")


def test_every_kind_of_record_is_found_by_its_id(console: Browser, green: Lived) -> None:
    for kind, address in green.records.items():
        found, _page = look_for(console, address.rpartition("/")[2])
        assert found == address, kind


def test_a_person_is_found_by_e_mail(console: Browser, green: Lived, hills: Lived) -> None:
    _found, page = look_for(console, "ANA@example.org")  # and the mails to her
    assert f"/people/{green.owner.id}" in page
    assert str(hills.owner.id) not in page


def test_a_buyers_orders_and_mails_are_found_by_e_mail(
    console: Browser, green: Lived, hills: Lived
) -> None:
    _found, page = look_for(console, "buyer@greenfield.example")
    assert f"/orders/{green.tenant.id}/{green.order.id}" in page
    assert f"/mails/{green.tenant.id}/" in page
    assert str(hills.order.id) not in page


def test_orders_of_all_shops_are_found_by_number(
    console: Browser, green: Lived, hills: Lived
) -> None:
    for text in (str(green.order.number), f"#{green.order.number}"):
        _found, page = look_for(console, text)
        for shop in (green, hills):
            assert f"/orders/{shop.tenant.id}/{shop.order.id}" in page


def test_a_provider_event_is_found_by_the_providers_name_for_it(
    console: Browser, green: Lived, hills: Lived
) -> None:
    assert look_for(console, "evt_hillside")[0] == hills.records["provider-events"]


@pytest.mark.parametrize(
    "text",
    ["", "%", "_", "nothing", "9" * 30, "\x00", "'; DROP TABLE tenants; --", "a" * 5000, "@",
     "00000000-0000-7000-8000-000000000000", ".sheaf", "01a20016-7b2a-7940-b36c-3df837324c00"],
)  # fmt: skip
def test_anything_else_finds_nothing(console: Browser, green: Lived, text: str) -> None:
    found, page = look_for(console, text)
    assert found == ""
    assert green.tenant.slug not in page
    assert settings().ops_origin not in page
