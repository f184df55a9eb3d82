"""Addresses of shops, and where a new shop seems to be."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from kernel.web import canonical_host
from tenants.accounts.rules import RESERVED_SLUGS, Place, guess_place, slug_problem, suggest_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Greenfield Growers", "greenfield-growers"),
        ("绿野合作社", "lvye"),
        ("青山农民专业合作社", "qingshan"),
        ("合作社", "hezuoshe"),
        ("重庆 Green 农场", "chongqing-green-nongchang"),
        ("Höfe & Söhne e.V.", "hofe-sohne"),
        ("Bäuerliche Genossenschaft Straßfurt eG", "bauerliche-genossenschaft-strassfurt"),
        ("O'Brien's Co-op", "obriens"),
        ("Mail", "mail-shop"),
        ("ab", "ab-shop"),
        ("!!!", ""),
        ("", ""),
        ("Lange " * 9, "lange-lange-lange-lange-lange-lange"),
    ],
)  # fmt: skip
def test_a_name_suggests_an_address(name: str, slug: str) -> None:
    assert suggest_slug(name) == slug


@given(st.text(max_size=120))
def test_a_suggestion_can_be_used_or_is_empty(name: str) -> None:
    slug = suggest_slug(name)

    assert slug == "" or slug_problem(slug) is None
    if slug:
        assert canonical_host(f"{slug}.shops.test") == f"{slug}.shops.test"


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("ab", "slug_too_short"),
        ("", "slug_too_short"),
        ("a" * 41, "slug_too_long"),
        ("Green", "slug_has_odd_characters"),
        ("-green", "slug_has_odd_characters"),
        ("green-", "slug_has_odd_characters"),
        ("xn--80ak6aa92e", "slug_has_odd_characters"),
        ("green.field", "slug_has_odd_characters"),
        ("gréen", "slug_has_odd_characters"),
        ("green\n", "slug_has_odd_characters"),
        ("١٢٣", "slug_has_odd_characters"),
        ("www", "slug_is_reserved"),
        ("sign-in", "slug_is_reserved"),
    ],
)
def test_what_cannot_be_an_address(slug: str, code: str) -> None:
    problem = slug_problem(slug)
    assert problem is not None
    assert problem.code == code


def test_no_shop_can_stand_where_a_page_of_ours_is(app: Flask) -> None:
    ours = {
        rule.rule.split("/")[1]
        for rule in app.url_map.iter_rules()
        if rule.subdomain == "app" and not rule.rule.startswith("/<")
    } - {""}

    assert ours <= RESERVED_SLUGS


@pytest.mark.parametrize(
    ("wishes", "zone", "place"),
    [
        (["zh-CN", "zh"], "", Place("CNY", "Asia/Shanghai")),
        (["zh"], "", Place("CNY", "Asia/Shanghai")),
        (["de"], "", Place("EUR", "Europe/Berlin")),
        (["en-GB"], "", Place("GBP", "Europe/London")),
        (["en-US"], "", Place("USD", "America/New_York")),
        (["en"], "Europe/Zurich", Place("CHF", "Europe/Zurich")),
        (["zh-CN"], "America/Los_Angeles", Place("USD", "America/Los_Angeles")),
        (["en"], "Asia/Calcutta", Place("EUR", "Asia/Kolkata")),
        (["xx"], "Nowhere/At_All", Place("EUR", "Europe/Berlin")),
        ([], "../../etc/passwd", Place("EUR", "Europe/Berlin")),
    ],
)
def test_money_and_time_are_guessed(wishes: list[str], zone: str, place: Place) -> None:
    assert guess_place(wishes=wishes, time_zone=zone) == place


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=40))
def test_any_wish_gives_a_place(wishes: list[str], zone: str) -> None:
    assert guess_place(wishes=wishes, time_zone=zone).currency
