"""Whatever says where to go next, one stays on the host one is on: finding W7."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from tenants.people.rules import Role
from tests.browsers import browse
from tests.factories.tenants import PASSWORD
from tests.fuzz.inputs import effort, faults, stays
from tests.world.cast import HOSTS, come
from tests.world.story import World

KNOWN = [
    "//evil.test", "///evil.test", "////evil.test", "/\\evil.test", "\\/evil.test",
    "\\\\evil.test", "/\t/evil.test", "/\n/evil.test", "/\r/evil.test", "\t//evil.test",
    " //evil.test", "/%09/evil.test", "/%5cevil.test", "/%2f/evil.test", "https://evil.test",
    "https:evil.test", "https:/evil.test", "https:\\\\evil.test", "http:///evil.test",
    "HtTpS://evil.test", "//evil。test", "//evil.test@app.sheaf.test",
    "//app.sheaf.test@evil.test", "//app.sheaf.test.evil.test", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x",
    "/.evil.test", "/;@evil.test", "@evil.test", "evil.test", "?next=//evil.test",
    "#//evil.test", "/\u2028/evil.test", "/\u00a0/evil.test", "//[::1]", "//0x7f000001",
    "//2130706433", "/\x00/evil.test", "\x00//evil.test", "/\x0b/evil.test", "//evil%00.test",
    "http://app.sheaf.test", "//app.sheaf.test", "/a//evil.test", "/../..//evil.test",
    "/./\\evil.test", "/a?b=//evil.test", "/%0d%0aLocation: //evil.test",
    "/a\r\nLocation: //evil.test", "/..//evil.test", "/.//evil.test", "／／evil.test",
    "/／evil.test", "ftp://evil.test", "blob:http://evil.test/x", "/%E2%80%AE//evil.test",
]  # fmt: skip
wishes = (
    some.sampled_from(KNOWN)
    | some.text("/\\:@?#.%\t\n\r aevil\u3002", max_size=20)
    | some.lists(some.sampled_from(KNOWN), min_size=2, max_size=3).map("".join)
)


@effort(120)
@given(wish=wishes)
def test_someone_who_is_known_goes_on_here(app: Flask, world: World, wish: str) -> None:
    for who, surface in (("Ana", "app"), ("staff", "ops")):
        answer = come(app, world, who, surface).get("/sign-in", query_string={"next": wish})
        assert answer.status_code == (404 if "\0" in wish else 303)
        assert stays(answer.location or "/", surface, others=())
        assert faults(answer, surface) == []


@pytest.mark.parametrize("wish", KNOWN)
def test_someone_who_signs_in_goes_on_here(app: Flask, world: World, wish: str) -> None:
    email = world.greenfield.people[Role.OWNER].email
    answer = come(app, world, "nobody", "app").post(
        "/sign-in", data={"email": email, "password": PASSWORD, "next": wish}
    )
    assert faults(answer, "app") == []
    if answer.status_code != 422:  # what cannot be typed is refused
        assert answer.status_code == 303
        assert stays(answer.location, "app", others=())


@effort(80)
@given(wish=wishes)
def test_a_form_of_the_shop_leads_back_into_it(app: Flask, world: World, wish: str) -> None:
    product = world.greenfield.one("products")
    answer = come(app, world, "nobody", "shop").post(
        "/cart/lines", data={"product": product, "quantity": "1", "back": wish}
    )
    assert answer.status_code == 303
    assert stays(answer.location, "shop", others=())
    assert faults(answer, "shop") == []


@pytest.mark.parametrize(
    ("surface", "path", "right"),
    [
        ("app", "/greenfield", "/greenfield/"),
        ("app", "/greenfield?tab=a&q=//evil.test", "/greenfield/?tab=a&q=//evil.test"),
        ("app", "/greenfield//orders", "/greenfield/orders"),
        ("ops", "/tenants?q=a", "/tenants/?q=a"),
        ("shop", "/products//carrots", "/products/carrots"),
        ("site", "/sign-up//address", "/sign-up/address"),
    ],
)
def test_an_address_that_is_put_right_stays_on_its_host(
    app: Flask, world: World, surface: str, path: str, right: str
) -> None:
    answer = browse(app, HOSTS[surface]).get(path)
    assert (answer.status_code, answer.location) == (308, right)


@pytest.mark.parametrize(
    "path", ["//evil.test//cart", "//evil.test/..//cart", "/\\evil.test//cart"]
)
def test_not_even_to_where_its_double_slash_points(app: Flask, world: World, path: str) -> None:
    answer = browse(app, HOSTS["shop"]).get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in {308, 404}
    assert stays(answer.location or "/", "shop", others=())
