"""A shop that opens is on the free plan."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.metering.queries import get_charge_fee, get_ladder
from billing.plans.errors import PlanNotFound
from billing.plans.models import (
    BillingAccount,
    LadderBand,
    Plan,
    PlanVersion,
    Segment,
    Subscription,
)
from billing.plans.queries import find_account, find_plan_version, get_offer, get_segment
from billing.plans.services import ensure_account, start_billing
from kernel import clock
from kernel.db import db, transaction
from kernel.money import EXPONENTS, Money
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import run_due_jobs


def test_the_news_of_an_opened_shop_starts_its_billing(app: Flask, greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        with transaction():
            announce("shop.opened")
            announce("shop.opened")
        assert find_account() is None
    run_due_jobs(app)
    with acting_for(greenfield.id):
        account = find_account()
        assert account is not None
        assert (account.currency, account.time_zone) == ("EUR", "Europe/Berlin")
        offer = get_offer(get_segment(account.id, clock.now()).plan_version_id)
    assert (offer.code, offer.price, offer.rates_ppm) == ("seed", Money(0, "EUR"), (25_000,))


def test_starting_twice_is_starting_once(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        first = start_billing(currency="EUR", time_zone="Europe/Berlin")
        again = start_billing(currency="CNY", time_zone="Asia/Shanghai")
        assert again.id == first.id == ensure_account().id
        assert again.currency == "EUR"
        for model in (BillingAccount, Subscription, Segment):
            assert db.session.scalar(select(func.count()).select_from(model)) == 1


def test_today_is_today_where_the_shop_is(
    greenfield: Tenant, hillside: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = clock.now().replace(year=2026, month=6, day=30, hour=20)
    monkeypatch.setattr(clock, "now", lambda: evening)
    with acting_for(greenfield.id):
        assert start_billing(currency="CNY", time_zone="Asia/Shanghai").anchored_on == date(
            2026, 7, 1
        )
    with acting_for(hillside.id):
        assert start_billing(currency="EUR", time_zone="Europe/Berlin").anchored_on == date(
            2026, 6, 30
        )


def test_a_currency_without_a_plan_is_refused(greenfield: Tenant) -> None:
    with acting_for(greenfield.id), pytest.raises(PlanNotFound):
        start_billing(currency="XXX", time_zone="UTC")
    with acting_for(greenfield.id):
        assert find_account() is None


def test_every_plan_is_sold_in_every_currency_a_shop_may_have(app: Flask) -> None:
    wanted = {"seed": 25_000, "grower": 15_000, "harvest": 8_000}
    codes = db.session.scalars(select(Plan.code).order_by(Plan.position)).all()
    assert codes == list(wanted)
    for code, ppm in wanted.items():
        for currency in EXPONENTS:
            version = find_plan_version(code, currency)
            assert version is not None, (code, currency)
            assert [band.rate_ppm for band in get_ladder(version.id).bands] == [ppm]
            assert (version.price_minor == 0) is (code == "seed")
    versions = db.session.scalar(select(func.count()).select_from(PlanVersion))
    bands = db.session.scalar(select(func.count()).select_from(LadderBand))
    assert versions == bands == 3 * len(EXPONENTS)


def test_a_charge_has_a_fee_even_before_billing_has_started(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        found = get_charge_fee(Money(1_250, "EUR"))
        assert (found.fee, found.rate_ppm) == (Money(31, "EUR"), 25_000)
        assert get_charge_fee(Money(1_250, "JPY")).fee == Money(31, "JPY")
        with pytest.raises(PlanNotFound):
            get_charge_fee(Money(1_250, "XXX"))
