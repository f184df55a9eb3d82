"""Each business fact is counted once, whatever is told, however often, in whatever order."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from billing.metering.errors import RejectNotFound, UsageConflict
from billing.metering.models import Bucket, Rating, UsageEvent, UsageReject
from billing.metering.services import (
    Outcome,
    UsageFact,
    record_usage,
    replay_reject,
)
from kernel import clock
from kernel.db import db, transaction
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tests.billing.metering.telling import bucket, count, reasons, tell
from tests.factories.plans import back, sale


def test_a_sale_is_rated_by_the_free_plan(greenfield: Tenant) -> None:
    result = tell(greenfield, sale(10_000))
    assert result.outcome is Outcome.RECORDED
    assert result.rating is not None
    assert (result.rating.fee_minor, result.rating.rate_ppm) == (250, 25_000)
    assert (result.rating.volume_before_minor, result.rating.volume_after_minor) == (0, 10_000)
    assert result.rating.collected_minor == 0


def test_the_same_fact_again_gives_the_first_answer(greenfield: Tenant) -> None:
    fact = sale(10_000)
    first, again = tell(greenfield, fact), tell(greenfield, fact)
    assert again.outcome is Outcome.DUPLICATE
    assert first.event is not None
    assert again.event is not None
    assert again.event.id == first.event.id
    assert again.rating is not None
    assert again.rating.fee_minor == 250
    assert (count(greenfield, UsageEvent), count(greenfield, Rating)) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(10_001, "EUR")},
        {"amount": Money(10_000, "USD")},
        {"payable_id": UUID(int=9)},
        {"references": {"payment": "another"}},
    ],
)
def test_the_same_key_with_other_contents_is_refused_and_written_down(
    greenfield: Tenant, change: dict[str, object]
) -> None:
    fact = sale(10_000)
    tell(greenfield, fact)
    for _ in range(2):
        with pytest.raises(UsageConflict):
            tell(greenfield, replace(fact, **change))  # type: ignore[arg-type]  # one field of it
    assert reasons(greenfield) == ["key_reused"]
    assert count(greenfield, UsageEvent) == 1
    with acting_for(greenfield.id):
        actions = list(db.session.scalars(select(AuditEntry.action)))
        total = db.session.scalar(select(func.sum(Rating.fee_minor)))
    assert actions == ["usage.contradicted"] * 2
    assert total == 250


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (sale(0), "amount_not_positive"),
        (sale(-5), "amount_not_positive"),
        (sale(100, currency="XXX"), "currency_not_on_plan"),
        (back(100, sale(100)), "unknown_target"),
    ],
)
def test_what_cannot_be_counted_is_kept_and_changes_nothing(
    greenfield: Tenant, fact: UsageFact, reason: str
) -> None:
    for _ in range(2):
        assert tell(greenfield, fact).outcome is Outcome.REJECTED
    assert reasons(greenfield) == [reason]
    assert count(greenfield, UsageEvent) == count(greenfield, Bucket) == 0


def test_the_future_begins_in_five_minutes(greenfield: Tenant) -> None:
    soon = sale(100, at=clock.now() + timedelta(minutes=4, seconds=50))
    later = sale(100, at=clock.now() + timedelta(minutes=5, seconds=10))
    assert tell(greenfield, soon).outcome is Outcome.RECORDED
    assert tell(greenfield, later).reason == "in_the_future"


def test_rejected_usage_can_be_replayed_once_it_counts(
    greenfield: Tenant, hillside: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(hours=1)
    tell(greenfield, sale(10_000, at=later))
    with acting_for(greenfield.id):
        (reject,) = db.session.scalars(select(UsageReject))
        assert replay_reject(reject_id=reject.id).outcome is Outcome.REJECTED
    with acting_for(hillside.id), pytest.raises(RejectNotFound):
        replay_reject(reject_id=reject.id)

    monkeypatch.setattr(clock, "now", lambda: later)
    with acting_for(greenfield.id):
        first = replay_reject(reject_id=reject.id)
        again = replay_reject(reject_id=reject.id)
        (kept,) = db.session.scalars(select(UsageReject))
    assert (first.outcome, again.outcome) == (Outcome.RECORDED, Outcome.DUPLICATE)
    assert first.event is not None
    assert kept.resolved_event_id == first.event.id
    assert count(greenfield, UsageEvent) == 1


def test_more_than_was_sold_never_comes_back(greenfield: Tenant) -> None:
    sold = sale(10_000)
    tell(greenfield, sold)
    assert tell(greenfield, back(6_000, sold)).outcome is Outcome.RECORDED
    assert tell(greenfield, back(4_001, sold)).reason == "more_than_target"
    assert tell(greenfield, back(4_000, sold)).outcome is Outcome.RECORDED
    assert tell(greenfield, back(1, sold)).reason == "more_than_target"
    assert (bucket(greenfield).net_volume_minor, bucket(greenfield).fee_minor) == (0, 0)


def test_a_refund_that_failed_is_undone_and_the_sale_can_be_given_back_again(
    greenfield: Tenant,
) -> None:
    sold = sale(10_000)
    refund = back(10_000, sold)
    tell(greenfield, sold)
    tell(greenfield, refund)
    tell(greenfield, back(10_000, refund, failed=True))
    assert (bucket(greenfield).net_volume_minor, bucket(greenfield).fee_minor) == (10_000, 250)
    assert tell(greenfield, back(10_000, sold)).outcome is Outcome.RECORDED
    assert bucket(greenfield).fee_minor == 0


def test_a_refund_in_another_currency_is_not_one_of_this_sale(greenfield: Tenant) -> None:
    sold = sale(10_000)
    tell(greenfield, sold)
    assert tell(greenfield, replace(back(10, sold), amount=Money(10, "USD"))).reason == (
        "unlike_target"
    )


def test_nothing_told_can_be_changed_or_taken_back(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, sale(10_000))
    for statement in (
        "UPDATE usage_events SET amount_minor = 1",
        "DELETE FROM usage_events",
        "UPDATE ratings SET fee_minor = 0",
        "DELETE FROM ratings",
        "TRUNCATE ratings",
        "UPDATE plan_versions SET price_minor = 0",
        "DELETE FROM ladder_bands",
        "INSERT INTO plans (id, code, position) VALUES (gen_random_uuid(), 'free', 9)",
    ):
        with (
            acting_for(greenfield.id),
            pytest.raises(Exception, match="permission denied"),
            transaction() as session,
        ):
            session.connection().exec_driver_sql(statement)


def test_not_even_the_owner_of_the_tables_rewrites_them(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    tell(greenfield, sale(10_000))
    for table in ("usage_events", "ratings", "plans", "plan_versions", "ladder_bands"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not allowed"):
            admin.execute(f"DELETE FROM {table}")


def test_two_shops_count_apart(greenfield: Tenant, hillside: Tenant) -> None:
    fact = sale(10_000, "the same key in both")
    assert tell(greenfield, fact).outcome is Outcome.RECORDED
    assert tell(hillside, replace(fact, amount=Money(500, "EUR"))).outcome is Outcome.RECORDED
    assert tell(hillside, back(400, fact)).outcome is Outcome.RECORDED
    assert (bucket(greenfield).fee_minor, bucket(hillside).net_volume_minor) == (250, 100)


def test_a_failing_caller_leaves_nothing(greenfield: Tenant) -> None:
    def fail_after_counting() -> None:
        with transaction():
            record_usage(fact=sale(10_000))
            raise ZeroDivisionError

    with acting_for(greenfield.id), pytest.raises(ZeroDivisionError):
        fail_after_counting()
    assert count(greenfield, UsageEvent) == count(greenfield, Bucket) == 0


@pytest.mark.race
def test_eight_workers_with_one_fact_count_it_once(app: Flask, greenfield: Tenant) -> None:
    facts = [sale(10_000, "one")] * 8 + [sale(1_000) for _ in range(8)]

    def work(fact: UsageFact) -> Outcome:
        def run() -> Outcome:
            with app.app_context():
                return tell(greenfield, fact).outcome

        return contextvars.Context().run(run)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(work, facts))
    assert outcomes.count(Outcome.RECORDED) == 9
    assert outcomes.count(Outcome.DUPLICATE) == 7
    assert (bucket(greenfield).net_volume_minor, bucket(greenfield).fee_minor) == (18_000, 450)
