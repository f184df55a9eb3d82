"""Where a fee comes from: the ladder, the plan of the day, the month it is booked in."""

import contextvars
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.metering.models import Rating
from billing.metering.queries import get_charge_fee
from billing.metering.rules import ladder_fee, read_ladder
from billing.metering.services import (
    UsageFact,
)
from billing.plans.models import Period, PeriodState
from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.billing.metering.telling import bucket, tell
from tests.database import empty
from tests.factories import make_tenant
from tests.factories.plans import WORKED_LADDER, back, plan_with, put_on_plan, sale


def test_the_fixed_part_goes_back_with_the_whole_sale_only(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with plan_with(admin, [(None, 25_000)], fixed_minor=30) as version:
        put_on_plan(greenfield, version)
        sold = sale(10_000)
        fees = [
            result.rating.fee_minor
            for fact in (sold, back(4_000, sold), back(6_000, sold))
            if (result := tell(greenfield, fact)).rating is not None
        ]
        assert fees == [280, -100, -180]
        assert bucket(greenfield).fee_minor == 0
        empty(admin)


def test_each_sale_shows_where_it_stood_on_the_ladder(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with plan_with(admin, WORKED_LADDER) as version:
        put_on_plan(greenfield, version)
        ratings = [
            tell(greenfield, sale(minor)).rating for minor in (999_999, 1, 4_000_000, 1_000_000)
        ]
        shown = [(one.fee_minor, one.rate_ppm) for one in ratings if one is not None]
        assert shown == [(25_000, 25_000), (0, 25_000), (80_000, 20_000), (15_000, 15_000)]
        assert bucket(greenfield).fee_minor == 120_000
        across = tell(greenfield, sale(1_000_000)).rating
        assert across is not None
        assert across.volume_after_minor == 7_000_000
        empty(admin)


def test_a_change_of_plan_keeps_the_place_on_the_ladder(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with plan_with(admin, WORKED_LADDER) as old, plan_with(admin, WORKED_LADDER) as new:
        put_on_plan(greenfield, old)
        before = sale(1_000_000, at=clock.now() - timedelta(seconds=5))
        tell(greenfield, before)
        put_on_plan(greenfield, new, at=clock.now() - timedelta(seconds=1))
        rating = tell(greenfield, sale(1_000_000)).rating
        assert rating is not None
        assert (rating.volume_before_minor, rating.fee_minor) == (1_000_000, 20_000)
        undone = tell(greenfield, back(1_000_000, before)).rating
        assert undone is not None
        assert undone.fee_minor == -25_000  # by the plan of the sale, not of the day
        empty(admin)


def close(tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction() as session:
        seal(session, session.scalars(select(Period)).one())


def seal(session: Session, period: Period) -> None:
    """Closed in the two steps that the database allows."""
    period.state = PeriodState.CLOSING
    session.flush()
    period.state, period.seal_hash = PeriodState.CLOSED, "sealed"
    session.flush()


def test_what_comes_after_the_close_is_booked_in_the_open_month(
    greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = sale(10_000)
    tell(greenfield, sold)
    close(greenfield)
    later = clock.now() + timedelta(days=45)
    monkeypatch.setattr(clock, "now", lambda: later)
    late = tell(greenfield, back(4_000, sold)).rating
    assert late is not None
    assert late.is_late
    assert late.fee_minor == -100
    with acting_for(greenfield.id):
        periods = {one.id: one for one in db.session.scalars(select(Period))}
    assert periods[late.booked_period_id].state is PeriodState.OPEN
    assert len(periods) == 2
    found = bucket(greenfield)
    assert (found.net_volume_minor, found.late_volume_minor, found.fee_minor) == (
        10_000,
        -4_000,
        150,
    )


def test_a_sale_that_is_half_a_year_late_waits_for_somebody(
    greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now()
    tell(greenfield, sale(10_000))
    close(greenfield)
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=181))
    assert tell(greenfield, sale(500, at=begun)).reason == "too_late"


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sales=st.lists(st.integers(1, 4_000_000), min_size=1, max_size=5),
    chance=st.randoms(use_true_random=False),
)
def test_the_bucket_is_always_the_ladder_of_what_is_left(
    app: Flask, admin: psycopg.Connection, sales: list[int], chance: random.Random
) -> None:
    empty(admin)
    tenant = make_tenant("greenfield")
    with plan_with(admin, WORKED_LADDER) as version:
        put_on_plan(tenant, version)
        waiting: list[Callable[[], UsageFact]] = []
        net = 0
        sold = [sale(minor) for minor in sales]
        for fact in sold:
            tell(tenant, fact)
            net += fact.amount.minor
            part = chance.randint(0, fact.amount.minor)
            refunds = [back(n, fact) for n in (part, fact.amount.minor - part) if n]
            waiting += [lambda one=one: one for one in refunds]  # type: ignore[misc]  # bound now
        chance.shuffle(waiting)
        for take in waiting[: chance.randint(0, len(waiting))]:
            fact = take()
            tell(tenant, fact)
            if chance.random() < 0.3:
                tell(tenant, fact)
            net -= fact.amount.minor
        found = bucket(tenant)
        assert found.net_volume_minor == net
        assert found.fee_minor == ladder_fee(read_ladder(WORKED_LADDER), net)
        with acting_for(tenant.id):
            assert db.session.scalar(select(func.sum(Rating.fee_minor))) == found.fee_minor
        empty(admin)


@pytest.mark.race
def test_a_refund_waits_for_the_close_that_is_under_way(app: Flask, greenfield: Tenant) -> None:
    sold = sale(10_000)
    tell(greenfield, sold)

    def work() -> bool:
        with app.app_context():
            rating = tell(greenfield, back(500, sold)).rating
            assert rating is not None
            return rating.is_late

    with ThreadPoolExecutor(1) as pool:
        with acting_for(greenfield.id), transaction() as session:
            period = session.scalars(for_update(select(Period))).one()
            seal(session, period)
            late = pool.submit(contextvars.Context().run, work)
            with pytest.raises(TimeoutError):
                late.result(timeout=0.5)
        assert late.result(timeout=120)


def test_a_charge_is_rated_by_what_last_month_came_to(
    greenfield: Tenant, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now()
    amount = Money(10_000, "EUR")
    with (
        plan_with(admin, WORKED_LADDER, basis="previous_period") as moving,
        plan_with(admin, WORKED_LADDER) as fixed,
    ):
        put_on_plan(greenfield, moving)
        tell(greenfield, sale(3_000_000))
        tell(greenfield, sale(900_000, currency="USD"))
        with acting_for(greenfield.id):
            assert get_charge_fee(amount).rate_ppm == 25_000  # nothing was sold the month before
        monkeypatch.setattr(clock, "now", lambda: begun + timedelta(days=32))
        with acting_for(greenfield.id):
            found = get_charge_fee(amount)
        assert (found.rate_ppm, found.fee) == (20_000, Money(200, "EUR"))
        put_on_plan(greenfield, fixed)
        with acting_for(greenfield.id):
            assert get_charge_fee(amount).rate_ppm == 25_000
        empty(admin)
