"""The two demo cooperatives are real shops, made once."""

from collections import Counter
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from billing.metering.models import UsageEvent
from kernel.db import db
from kernel.money import EXPONENTS
from kernel.scope import acting_for
from kernel.settings import settings, use
from storefront.catalog.queries import count_products, list_products
from storefront.orders.models import Order, OrderState, PaidState
from storefront.pickup.queries import list_open_places
from storefront.seeding.demo import PASSWORD, OnlyForDevelopment, seed_demo
from storefront.seeding.goods import WORTH
from storefront.seeding.greenfield import GREENFIELD
from storefront.seeding.hillside import HILLSIDE
from storefront.seeding.shops import DemoShop
from tenants.accounts.queries import get_profile
from tenants.audit.queries import find_flaw
from tests.conftest import browse


def rows(admin: psycopg.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    found = {}
    for (name,) in names:
        (count,) = admin.execute(f'SELECT count(*) FROM "{name}"').fetchone() or (0,)
        found[name] = count
    return found


def test_the_demo_is_two_whole_shops_and_seeding_again_adds_nothing(
    app: Flask, admin: psycopg.Connection
) -> None:
    seeded = seed_demo()
    before = rows(admin)
    assert [found.tenant_id for found in seed_demo()] == [found.tenant_id for found in seeded]
    assert rows(admin) == before

    for found in seeded:
        with acting_for(found.tenant_id):
            assert list_products(size=50).total >= 12
            assert all(product.photos for product in list_products(size=50).rows)
            assert get_profile().sample_data is False
            assert get_profile().logo_id is not None
            assert len(list_open_places()) == 2
            orders = db.session.scalars(select(Order)).all()
            states = Counter(order.state for order in orders)
            assert {*states} == {*OrderState} - {OrderState.AWAITING_PAYMENT, OrderState.TO_DECIDE}
            assert {order.paid_state for order in orders} <= {*PaidState}
            assert len(db.session.scalars(select(UsageEvent)).all()) >= 5
            assert find_flaw() is None
            assert sum(count_products().values()) == len(found.shop.goods)


def test_everyone_gets_in_with_the_password_that_is_told(app: Flask) -> None:
    seed_demo()

    for email, slug in [("ana", "greenfield"), ("ben", "greenfield"), ("carol", "hillside")]:
        browser = browse(app, "app.sheaf.test")
        typed = {"email": f"{email}@example.org", "password": PASSWORD}
        assert browser.post("/sign-in", data=typed).status_code == 303
        assert browser.get(f"/{slug}/").status_code == 200
        other = "hillside" if slug == "greenfield" else "greenfield"
        assert browser.get(f"/{other}/").status_code == 404


def test_production_refuses_known_passwords(app: Flask, admin: psycopg.Connection) -> None:
    made = settings()
    use(replace(made, env="production"))
    try:
        with pytest.raises(OnlyForDevelopment):
            seed_demo()
    finally:
        use(made)
    assert rows(admin)["people"] == 0


@pytest.mark.parametrize("demo", [GREENFIELD, HILLSIDE])
def test_every_demo_text_is_in_both_languages(demo: DemoShop) -> None:
    for good in demo.goods:
        assert good.names.en, good
        assert good.names.zh, good
        assert good.texts.en, good
        assert good.texts.zh, good


def test_sample_prices_are_known_for_real_currencies_only() -> None:
    assert set(WORTH) <= set(EXPONENTS)


def test_the_command_tells_the_sign_ins_and_nothing_else(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["seed", "demo"])

    assert told.exit_code == 0, told.output
    assert PASSWORD in told.output
    assert "http://app.sheaf.test/greenfield/" in told.output
    assert "otpauth://totp/" in told.output
    assert "job_done" not in told.output
    assert app.test_cli_runner().invoke(args=["seed", "demo"]).output == told.output


def test_the_command_is_refused_in_production(app: Flask) -> None:
    made = settings()
    use(replace(made, env="production"))
    try:
        told = app.test_cli_runner().invoke(args=["seed", "demo"])
    finally:
        use(made)

    assert told.exit_code == 1
    assert PASSWORD not in told.output
