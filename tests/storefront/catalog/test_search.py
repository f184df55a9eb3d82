"""What a shopper types finds what the cooperative sells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from kernel.db import db
from kernel.scope import acting_for
from storefront.catalog.queries import list_products
from storefront.catalog.rules import Names, ProductFacts, make_slug, search_query, search_terms
from storefront.catalog.rules.naming import sort_key
from storefront.catalog.services import edit_product
from tenants.accounts.models import Tenant
from tests.factories.storefront import make_category, make_product

APPLES = ("Red Fuji apples", "红富士苹果")


def found(tenant: Tenant, search: str, *, category: str = "", language: str = "en") -> list[str]:
    with acting_for(tenant.id):
        page = list_products(search=search, category_slug=category, language=language)
    return [product.name_en for product in page.rows]


@pytest.mark.parametrize(
    "typed",
    ["苹果", "红富士", "富士苹果", "果", "pingguo", "PingGuo", "ping guo", "pinggu", "pg", "hfs",
     "hongfushi", "apple", "app", "APPLES", "red app", "fuji", "ｆｕｊｉ", "fuji 苹果", "dawang"],
)  # fmt: skip
def test_each_way_of_typing_finds_the_apples(greenfield: Tenant, typed: str) -> None:
    make_product(greenfield, *APPLES, grower="大王果园 Dawang")
    make_product(greenfield, "Leek", "韭葱")

    assert found(greenfield, typed) == ["Red Fuji apples"]


@pytest.mark.parametrize("long", ["㌖" * 200, "ﷺ" * 200, "㍿" * 200, "𠀀" * 300, "字" * 300])
def test_a_name_that_grows_when_folded_can_be_kept_and_found(greenfield: Tenant, long: str) -> None:
    make_product(greenfield, long, long)

    assert found(greenfield, long) == [long]


@pytest.mark.parametrize(
    "typed",
    ["香蕉", "果苹", "xiangjiao", "pple", "%", "_", "*", ":*", "'", "\\", "& |", "!", "a%e", "()"],
)
def test_nothing_else_does(greenfield: Tenant, typed: str) -> None:
    make_product(greenfield, *APPLES)

    assert found(greenfield, typed) == []


def test_a_character_with_two_readings_is_found_by_both(greenfield: Tenant) -> None:
    make_product(greenfield, "Yardlong beans", "长豆角")

    assert found(greenfield, "changdou") == found(greenfield, "zdj") == ["Yardlong beans"]


def test_an_accent_or_its_absence_makes_no_difference(greenfield: Tenant) -> None:
    make_product(greenfield, "Crème fraîche", "鲜奶油")

    assert found(greenfield, "creme") == found(greenfield, "CRÈME fraiche") == ["Crème fraîche"]


def test_only_what_is_on_sale_here_is_found(greenfield: Tenant, hillside: Tenant) -> None:
    make_product(hillside, *APPLES)
    make_product(greenfield, *APPLES, published=False)

    assert found(greenfield, "苹果") == []
    assert found(greenfield, "") == []


def test_a_new_name_is_found_and_the_old_one_is_not(greenfield: Tenant) -> None:
    leek = make_product(greenfield, "Leek", "韭葱")
    facts = ProductFacts(names=Names("Garlic", "大蒜"), unit=leek.unit, price_minor=100)
    with acting_for(greenfield.id):
        edit_product(product_id=leek.id, version=leek.version, facts=facts)

    assert found(greenfield, "dasuan") == ["Garlic"]
    assert found(greenfield, "leek") == []


def test_search_stays_inside_the_category(greenfield: Tenant) -> None:
    fruit = make_category(greenfield, "Fruit", "水果")
    make_product(greenfield, *APPLES, category=fruit)
    make_product(greenfield, "Apple juice", "苹果汁")

    assert found(greenfield, "苹果", category="fruit") == ["Red Fuji apples"]
    assert found(greenfield, "苹果", category="nothing-here") == []


def test_chinese_names_stand_in_the_order_of_their_pinyin(greenfield: Tenant) -> None:
    for en, zh in [("Carrots", "胡萝卜"), ("Apples", "苹果"), ("Bok choy", "白菜"), ("Leek", "")]:
        make_product(greenfield, en, zh)

    assert found(greenfield, "", language="zh") == ["Bok choy", "Carrots", "Leek", "Apples"]
    assert found(greenfield, "", language="en") == ["Apples", "Bok choy", "Carrots", "Leek"]


def test_tones_order_what_sounds_alike() -> None:
    assert sorted(["码", "妈", "骂", "麻"], key=sort_key) == ["妈", "麻", "码", "骂"]


def test_an_address_is_made_of_the_name_in_either_language() -> None:
    assert make_slug(Names("Red Fuji apples!", "红富士"), otherwise="x") == "red-fuji-apples"
    assert make_slug(Names("", "山东红富士"), otherwise="x") == "shan-dong-hong-fu-shi"
    assert make_slug(Names("❤", ""), otherwise="product") == "product"


def test_two_products_of_one_name_have_two_addresses(greenfield: Tenant) -> None:
    slugs = {make_product(greenfield, "Kale", "羽衣甘蓝").slug for _ in range(3)}

    assert slugs == {"kale", "kale-2", "kale-3"}


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_is_more_than_words(name: str, typed: str) -> None:
    """Only letters, digits, our own quotes, `&` and the mark of a beginning reach the database."""
    for lexeme in search_terms([name]).split():
        assert lexeme.isalnum()
    for part in search_query(typed).split(" & "):
        assert part == "" or part.removesuffix(":*").strip("'").isalnum()
        assert part.count("'") in (0, 2)


def test_the_database_reads_what_rules_write(greenfield: Tenant) -> None:
    odd = ["a'b\\c", "İstanbul ß ﬁ", "𠮷野家", "１２３abc", "ก็", "٣", "²x"]
    with acting_for(greenfield.id):
        for text in odd:
            asked = select(
                cast(search_terms([text]), TSVECTOR).op("@@")(cast(search_query(text), TSQUERY))
            )
            assert db.session.scalar(asked) is True, text
