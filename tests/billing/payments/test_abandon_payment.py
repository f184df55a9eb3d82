"""Giving up waiting: the page is closed at Stripe first, and money that came before wins."""

import contextvars
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.payments.errors import PaymentClosed
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment
from billing.payments.services import abandon_payment
from billing.sandbox import Sandbox
from kernel import clock
from kernel.db import db
from kernel.outbox import Announcement
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection, make_payment, open_page, pay
from tests.hooks import hear_and_work
from tests.jobs import run_due_jobs


def abandon(tenant: Tenant, payment: Payment) -> None:
    with acting_for(tenant.id):
        abandon_payment(payable_id=payment.payable_id)


def state_of(tenant: Tenant, payment: Payment) -> PaymentState:
    with acting_for(tenant.id):
        return get_payment(payment.id).state


def topics(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        query = select(Announcement.topic).order_by(Announcement.id)
        return [topic for topic in db.session.scalars(query) if topic.startswith("payment.")]


def test_the_page_is_closed_at_stripe_before_the_payment_expires(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    session = open_page(greenfield, payment).rsplit("/", 1)[1]

    abandon(greenfield, payment)
    assert state_of(greenfield, payment) is PaymentState.OPEN
    run_due_jobs(app)

    assert state_of(greenfield, payment) is PaymentState.EXPIRED
    assert sandbox.pay(session) == "closed"
    assert topics(greenfield) == ["payment.abandoned", "payment.expired"]


def test_abandoning_twice_is_once(app: Flask, greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    open_page(greenfield, payment)
    for _ in range(3):
        abandon(greenfield, payment)
        hear_and_work(app, sandbox)
    assert topics(greenfield) == ["payment.abandoned", "payment.expired"]


def test_money_that_came_before_the_page_closed_wins(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    abandon(greenfield, payment)
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED
    assert "payment.expired" not in topics(greenfield)


def test_money_that_comes_after_we_believed_it_expired_still_wins(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    with acting_for(greenfield.id):
        get_payment(payment.id).state = PaymentState.EXPIRED
        db.session.commit()
    hear_and_work(app, sandbox)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED
    assert topics(greenfield).count("payment.succeeded") == 1


def test_a_page_nobody_ever_opened_expires_without_stripe(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    before = len(sandbox.calls)
    abandon(greenfield, payment)
    assert state_of(greenfield, payment) is PaymentState.EXPIRED
    assert len(sandbox.calls) == before


def test_money_expected_at_pick_up_is_given_up_at_once(greenfield: Tenant) -> None:
    payment = make_payment(greenfield, method=PaymentMethod.AT_PICKUP)
    abandon(greenfield, payment)
    assert state_of(greenfield, payment) is PaymentState.EXPIRED
    again = make_payment(greenfield, method=PaymentMethod.AT_PICKUP, payable_id=payment.payable_id)
    assert again.id != payment.id


def test_a_page_that_opens_while_it_is_given_up_is_closed_and_given_to_nobody(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    create = gateway.create_checkout_session

    def give_up_meanwhile(**call: object) -> object:
        made = create(**call)  # type: ignore[arg-type]  # passed on as it came
        contextvars.Context().run(_abandon_elsewhere, app, greenfield, payment)
        return made

    monkeypatch.setattr(gateway, "create_checkout_session", give_up_meanwhile)
    with pytest.raises(PaymentClosed):
        open_page(greenfield, payment)
    run_due_jobs(app)

    assert state_of(greenfield, payment) is PaymentState.EXPIRED
    ((_, session),) = sandbox.world.store.list_everywhere("checkout.session")
    assert session["status"] == "expired"


def _abandon_elsewhere(app: Flask, tenant: Tenant, payment: Payment) -> None:
    with app.app_context():
        abandon(tenant, payment)
        run_due_jobs(app)


@pytest.mark.parametrize("trouble", ["deauthorize", "forget"])
def test_a_page_out_of_reach_is_unknown_and_never_unpaid_however_late_it_is(
    app: Flask,
    greenfield: Tenant,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    session = open_page(greenfield, payment).rsplit("/", 1)[1]
    if trouble == "deauthorize":
        sandbox.change_account(account, "deauthorize")
    else:
        sandbox.world.store.remove(account, "checkout.session", session)
    abandon(greenfield, payment)
    run_due_jobs(app)
    for hours in (1, 12, 24 * 20):
        later = clock.now() + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        run_due_jobs(app)
        assert state_of(greenfield, payment) is PaymentState.OPEN
    with acting_for(greenfield.id):
        assert get_payment(payment.id).unknown_since is not None
    assert topics(greenfield).count("payment.unknown") == 1
    assert "payment.expired" not in topics(greenfield)


def test_a_payment_that_wins_while_the_page_is_being_closed_succeeds(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    session = open_page(greenfield, payment).rsplit("/", 1)[1]
    expire = gateway.expire_checkout_session

    def pay_meanwhile(**call: object) -> object:
        sandbox.pay(session)
        return expire(**call)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(gateway, "expire_checkout_session", pay_meanwhile)
    abandon(greenfield, payment)
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED
    assert "payment.expired" not in topics(greenfield)


def test_a_page_that_expires_by_itself_is_news_too(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    open_page(greenfield, payment)
    sandbox.advance(24 * 3600 + 1)
    hear_and_work(app, sandbox)
    assert state_of(greenfield, payment) is PaymentState.EXPIRED
