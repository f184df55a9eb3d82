"""A refund is made, refused, or nobody can know yet: the third is never booked as the second."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from billing import gateway
from billing.connections.models import ConnectionMode
from billing.connections.queries import find_connection
from billing.connections.services import forget_former, list_left
from billing.payments.models import Payment
from billing.payments.queries import get_payment, refundable
from billing.payments.services.leave_account import remove_own_key
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox
from billing.sandbox.switches import ALWAYS
from kernel import clock
from kernel.db import db, transaction
from kernel.jobs import DueJob, Job, JobState
from kernel.money import Money
from kernel.outbox import Announcement, announce
from kernel.scope import acting_for
from kernel.settings import settings, use
from tenants.accounts.models import Tenant
from tests.billing.refunds.giving_back import ask, fees, look, paid, totals
from tests.dying import run_all_jobs
from tests.factories.billing import make_connection, make_own_keys
from tests.jobs import run_due_jobs


@contextmanager
def platform_key_broken(_tenant: Tenant, _sandbox: Sandbox) -> Iterator[None]:
    """Ours was rotated at Stripe and not yet here."""
    before = settings()
    use(replace(before, stripe_secret_key="sk_test_rotated_away"))
    yield
    use(before)


@contextmanager
def account_deauthorised(tenant: Tenant, sandbox: Sandbox) -> Iterator[None]:
    """The shop took our permission back, and gives it again."""
    with acting_for(tenant.id):
        found = find_connection()
    assert found is not None
    assert found.account_ref is not None
    sandbox.change_account(found.account_ref, "deauthorize")
    yield
    thing = sandbox.world.store.find("acct_sandboxplatform", "account", found.account_ref)
    assert thing is not None
    sandbox.world.store.save("acct_sandboxplatform", "account", {**thing, "_deauthorized": False})


def lose_own_key() -> None:
    """The owner removed the shop's key, and nothing of it is kept any more."""
    remove_own_key()
    for left in list_left():
        forget_former(former_id=left.id)


@contextmanager
def own_key_removed(tenant: Tenant, _sandbox: Sandbox) -> Iterator[None]:
    """The owner removed the shop's key, and puts it back."""
    columns = (
        "mode", "own_account_ref", "own_key_sealed", "own_endpoint_id", "own_webhook_ref",
        "own_webhook_secret_sealed",
    )  # fmt: skip
    with acting_for(tenant.id):
        found = find_connection()
        assert found is not None
        kept = {name: getattr(found, name) for name in columns}
        lose_own_key()
    yield
    with acting_for(tenant.id), transaction():
        found = find_connection(lock=True)
        for name, value in kept.items():
            setattr(found, name, value)


WAYS = [
    pytest.param(make_connection, platform_key_broken, id="platform key broken"),
    pytest.param(make_connection, account_deauthorised, id="account deauthorised"),
    pytest.param(make_own_keys, own_key_removed, id="own key removed"),
]


def topics(tenant: Tenant, topic: str) -> int:
    with acting_for(tenant.id):
        query = select(func.count()).select_from(Announcement).where(Announcement.topic == topic)
        return db.session.scalar(query) or 0


def sweep(app: Flask, tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        announce("money.sweep")
    run_due_jobs(app)


def back_in_dashboard(tenant: Tenant, payment: Payment, minor: int, **named: str) -> gateway.Refund:
    """Somebody pays the shopper back at Stripe itself."""
    with acting_for(tenant.id):
        intent_ref = get_payment(payment.id).intent_ref
        credentials = (
            gateway.connected(payment.account_ref or "")
            if payment.channel is ConnectionMode.CONNECT
            else gateway.own_key(f"sk_test_own_{tenant.slug}")
        )
    assert intent_ref is not None
    return gateway.create_refund(
        credentials=credentials,
        payment_id=intent_ref,
        amount=Money(minor, "EUR"),
        metadata=named,
        idempotency_key=f"dashboard-{minor}-{clock.now()}",
    )


def left(tenant: Tenant, payment: Payment) -> int:
    with acting_for(tenant.id):
        return refundable(payment.payable_id).minor


@pytest.mark.parametrize(("connect", "losing"), WAYS)
@pytest.mark.parametrize("went_through", [True, False])
def test_without_access_a_refund_is_unknown_and_never_failed_until_somebody_can_look(
    app: Flask,
    greenfield: Tenant,
    sandbox: Sandbox,
    connect: Callable[[Tenant, Sandbox], object],
    losing: Callable[[Tenant, Sandbox], AbstractContextManager[None]],
    went_through: bool,
) -> None:
    connect(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 300)
    fault = "cut_after" if went_through else "cut_before"
    sandbox.switch(**{fault: 3}, only="POST /v1/refunds")
    with pytest.raises(gateway.GatewayUnavailable):
        run_due_jobs(app)

    with losing(greenfield, sandbox):
        for _ in range(3):
            run_all_jobs(app, greenfield)
            sweep(app, greenfield)
        unknown = look(greenfield, refund)
        assert (unknown.state, unknown.failure) == (RefundState.REQUESTED, "")
        assert unknown.unknown_since is not None
        assert left(greenfield, payment) == 700  # nobody may pay it a second time
        assert topics(greenfield, "refund.unknown") == 1
        assert topics(greenfield, "refund.failed") == 0
    with acting_for(greenfield.id), transaction():
        announce("connection.changed")
    run_due_jobs(app)

    done = look(greenfield, refund)
    assert (done.state, done.unknown_since, done.unknown_reason) == (
        RefundState.SUCCEEDED, None, "",
    )  # fmt: skip
    assert totals(sandbox)["refunded"] == 300
    assert left(greenfield, payment) == 700


def test_a_refund_that_was_never_tried_is_unknown_too_when_the_key_is_gone(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with acting_for(greenfield.id):
        lose_own_key()
    refund = ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)
    found = look(greenfield, refund)
    assert (found.state, found.unknown_reason) == (RefundState.REQUESTED, "NoConnection")
    assert topics(greenfield, "refund.failed") == 0


def test_without_access_it_is_asked_again_later_and_later_and_no_job_dies_of_it(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with acting_for(greenfield.id):
        lose_own_key()
    ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)
    for _ in range(25):
        run_all_jobs(app, greenfield)
    with acting_for(greenfield.id):
        assert JobState.DEAD not in set(db.session.scalars(select(Job.state)))


def test_a_payment_that_is_not_there_is_looked_for_in_the_wrong_place(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with acting_for(greenfield.id), transaction():
        get_payment(payment.id, lock=True).intent_ref = "pi_of_another_mode"
    refund = ask(greenfield, payment.payable_id, 1000)
    with pytest.raises(gateway.GatewayUnknown):
        run_due_jobs(app)
    found = look(greenfield, refund)
    assert found.state is RefundState.REQUESTED
    assert found.unknown_since is not None


def test_a_refund_whose_whole_was_given_back_at_stripe_ends_with_that_reason(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    back_in_dashboard(greenfield, payment, 640)
    refund = ask(greenfield, payment.payable_id, 640)  # before that news was worked
    run_due_jobs(app)

    ours = look(greenfield, refund)
    assert (ours.state, ours.failure) == (RefundState.FAILED, "charge_already_refunded")
    with acting_for(greenfield.id):
        states = {one.reason: one.state for one in refunds_of(payment.payable_id)}
    assert states == {"wilted": RefundState.FAILED, "stripe": RefundState.SUCCEEDED}
    assert left(greenfield, payment) == 0
    assert totals(sandbox)["refunded"] == 640
    assert fees(greenfield) == 0


def test_a_refund_at_stripe_that_is_bigger_than_what_is_left_breaks_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    refund = ask(greenfield, payment.payable_id, 500)
    back_in_dashboard(greenfield, payment, 600)
    with acting_for(greenfield.id), transaction():
        for due in db.session.scalars(select(DueJob)):
            due.due_at += timedelta(hours=1)
        announce("stripe.pull")  # the news of it comes while ours still waits
    run_due_jobs(app)
    assert left(greenfield, payment) == 0
    assert look(greenfield, refund).state is RefundState.REQUESTED
    run_all_jobs(app, greenfield)

    ours = look(greenfield, refund)
    assert (ours.state, ours.failure) == (RefundState.FAILED, "more_than_left")
    assert left(greenfield, payment) == 40
    assert totals(sandbox)["refunded"] == 600


@pytest.mark.parametrize(
    "named",
    [
        {"refund": "return 4711"},
        {"refund": "7e7e7e7e-0000-4000-8000-000000000000"},
        {"sheaf_refund": "nonsense"},
        {"sheaf_refund": "7e7e7e7e-0000-4000-8000-000000000000"},
        {"sheaf_refund": "-", "refund": "x" * 500},
    ],
)
def test_a_foreign_program_s_words_on_a_refund_poison_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, named: dict[str, str]
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 640)
    back_in_dashboard(greenfield, payment, 400, **named)
    with acting_for(greenfield.id), transaction():
        announce("stripe.pull")
    run_due_jobs(app)
    with acting_for(greenfield.id):
        (refund,) = refunds_of(payment.payable_id)
    assert (refund.amount_minor, refund.reason) == (400, "stripe")
    assert left(greenfield, payment) == 240
    ask(greenfield, payment.payable_id, 240)
    run_due_jobs(app)
    assert totals(sandbox)["refunded"] == 640


def test_a_refund_at_stripe_that_borrows_the_name_of_ours_is_not_taken_for_it(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    ours = ask(greenfield, payment.payable_id, 300)
    run_due_jobs(app)
    for minor in (300, 200):
        back_in_dashboard(greenfield, payment, minor, sheaf_refund=str(ours.id))
    with acting_for(greenfield.id), transaction():
        announce("stripe.pull")
    run_due_jobs(app)
    with acting_for(greenfield.id):
        found = sorted((one.amount_minor, one.reason) for one in refunds_of(payment.payable_id))
    assert found == [(200, "stripe"), (300, "stripe"), (300, "wilted")]
    assert left(greenfield, payment) == 200


def test_a_restored_backup_does_not_pay_a_second_time(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, admin: psycopg.Connection
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 400)
    run_due_jobs(app)
    with admin.transaction():  # only a restore goes back: the application itself cannot
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute(
            "UPDATE refunds SET state = 'requested', attempt = 0, attempted_at = NULL,"
            " refund_ref = NULL, succeeded_at = NULL, occurred_at = NULL WHERE id = %s",
            [refund.id],
        )
    with acting_for(greenfield.id), transaction():
        announce("refund.requested", refund_id=refund.id)
    sandbox.world.ahead += 25 * 3600  # Stripe has forgotten the key
    run_due_jobs(app)
    sandbox.world.ahead = 0
    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    assert totals(sandbox)["refunded"] == 400


@pytest.mark.parametrize("failure", ["no_connection", "no_access"])
def test_a_refund_that_once_ended_without_an_answer_gets_its_true_end(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, failure: str
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 400)
    back_in_dashboard(greenfield, payment, 400, refund=str(refund.id))  # its answer was lost
    with acting_for(greenfield.id), transaction():
        found = look(greenfield, refund)
        found.state, found.failure = RefundState.FAILED, failure
        get_payment(payment.id, lock=True).refunded_minor = 0
    sweep(app, greenfield)
    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    assert left(greenfield, payment) == 600
    assert totals(sandbox)["refunded"] == 400


def test_an_end_without_an_answer_that_stripe_knows_nothing_of_is_not_sent_after_all(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    with acting_for(greenfield.id), transaction() as session:
        session.add(
            Refund(
                payment_id=payment.id, payable_id=payment.payable_id, amount_minor=400,
                currency="EUR", state=RefundState.FAILED, failure="no_connection",
            )
        )  # fmt: skip
    sweep(app, greenfield)
    assert totals(sandbox)["refunded"] == 0  # the shop may have handed it over by now


def test_a_key_that_was_used_for_other_words_is_given_up_and_nothing_is_paid_twice(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 400)
    with acting_for(greenfield.id):
        intent_ref = get_payment(payment.id).intent_ref
    assert intent_ref is not None
    with pytest.raises(gateway.GatewayRefused):  # an older release asked so, and was refused
        gateway.create_refund(
            credentials=gateway.connected(payment.account_ref or ""),
            payment_id=intent_ref,
            amount=Money(4000, "EUR"),
            metadata={"refund": str(refund.id)},
            idempotency_key=f"refund-{refund.id}-1",
        )
    with pytest.raises(gateway.GatewayUnknown):
        run_due_jobs(app)
    run_all_jobs(app, greenfield)
    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    assert totals(sandbox)["refunded"] == 400


def test_a_pending_refund_whose_news_was_lost_is_found_by_the_hourly_sweep(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    sandbox.switch(refund_next="pending")
    refund = ask(greenfield, payment.payable_id, 1000)
    run_due_jobs(app)
    sandbox.settle()
    sandbox.take_webhooks()
    sweep(app, greenfield)
    assert look(greenfield, refund).state is RefundState.SUCCEEDED


def test_after_thirty_days_it_is_asked_no_more_and_still_not_called_failed(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_connection(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    sandbox.switch(cut_before=ALWAYS, only="POST /v1/refunds")
    refund = ask(greenfield, payment.payable_id, 1000)
    with pytest.raises(gateway.GatewayUnavailable):
        run_due_jobs(app)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with acting_for(greenfield.id), transaction() as session:
        for due in session.scalars(select(DueJob)):
            session.delete(due)
    calls = len(sandbox.calls)
    sweep(app, greenfield)
    assert len(sandbox.calls) == calls
    assert look(greenfield, refund).state is RefundState.REQUESTED


def test_a_refund_after_the_key_was_removed_still_goes_back_by_the_kept_key(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = paid(app, greenfield, sandbox, 1000)
    refund = ask(greenfield, payment.payable_id, 300)
    with acting_for(greenfield.id):
        remove_own_key()
    run_due_jobs(app)
    assert look(greenfield, refund).state is RefundState.SUCCEEDED
    assert totals(sandbox)["refunded"] == 300
