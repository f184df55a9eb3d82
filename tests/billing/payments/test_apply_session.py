"""What Stripe shows under our name must be what we asked for; otherwise nothing is applied."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from billing.metering.models import UsageEvent
from billing.payments.errors import ProviderMismatch
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment, paid_minor
from billing.payments.rules import moves_forward, state_of
from billing.payments.services import refresh_payment
from billing.sandbox import Sandbox, cards
from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel.db import db, new_id
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection, make_payment, open_page, pay
from tests.hooks import hear_and_work

Thing = dict[str, Any]


def other_amount(session: Thing, _intent: Thing) -> None:
    session["amount_total"] = 1


def other_currency(session: Thing, _intent: Thing) -> None:
    session["currency"] = "usd"


def other_payment(session: Thing, _intent: Thing) -> None:
    session["metadata"] = {**session["metadata"], "payment": str(new_id())}


def other_tenant(session: Thing, _intent: Thing) -> None:
    session["metadata"] = {**session["metadata"], "tenant": str(new_id())}


def less_received(_session: Thing, intent: Thing) -> None:
    intent["amount_received"] = 1


def other_fee(_session: Thing, intent: Thing) -> None:
    intent["application_fee_amount"] = 1


@pytest.mark.parametrize(
    "tamper",
    [other_amount, other_currency, other_payment, other_tenant, less_received, other_fee],
    ids=lambda tamper: tamper.__name__,
)
def test_something_else_under_our_name_is_refused(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, tamper: Callable[[Thing, Thing], None]
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    change(sandbox, account, tamper)

    hear_and_work(app, sandbox)

    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.OPEN
        assert paid_minor(payment.payable_id) == 0
        events = db.session.scalars(select(ProviderEvent)).all()
        assert {one.error for one in events if one.state is ProviderEventState.REFUSED} == {
            "ProviderMismatch"
        }
        assert db.session.scalars(select(UsageEvent)).all() == []
        with pytest.raises(ProviderMismatch):
            refresh_payment(payment_id=payment.id)


def change(sandbox: Sandbox, account: str, tamper: Callable[[Thing, Thing], None]) -> None:
    store = sandbox.world.store
    (session,) = store.list_all(account, "checkout.session")
    (intent,) = store.list_all(account, "payment_intent")
    with store.transaction():
        tamper(session, intent)
        store.save(account, "checkout.session", session)
        store.save(account, "payment_intent", intent)


def test_a_delayed_payment_is_processing_and_then_paid(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, card=cards.DELAYED)
    hear_and_work(app, sandbox)
    assert look(greenfield, payment).state is PaymentState.PROCESSING
    sandbox.settle()
    hear_and_work(app, sandbox)
    paid = look(greenfield, payment)
    assert (paid.state, paid.means, paid.last4) == (PaymentState.SUCCEEDED, "sepa_debit", "3000")


def test_a_delayed_payment_that_fails_leaves_room_for_another(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, card=cards.DELAYED_FAILURE)
    hear_and_work(app, sandbox)
    sandbox.settle()
    hear_and_work(app, sandbox)
    assert look(greenfield, payment).state is PaymentState.FAILED
    again = make_payment(greenfield, payable_id=payment.payable_id)
    assert again.id != payment.id
    assert open_page(greenfield, again)


def test_a_card_whose_bank_asks_back_is_paid_once_it_agreed(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, card=cards.AUTHENTICATION)
    hear_and_work(app, sandbox)
    assert look(greenfield, payment).state is PaymentState.SUCCEEDED


def look(tenant: Tenant, payment: Payment) -> Payment:
    with acting_for(tenant.id):
        return get_payment(payment.id)


def test_a_payment_never_moves_back() -> None:
    states = list(PaymentState)
    assert [one for one in states if moves_forward(PaymentState.SUCCEEDED, one)] == []
    for state in states:
        assert not moves_forward(state, state)
        assert moves_forward(state, PaymentState.SUCCEEDED) is (state is not PaymentState.SUCCEEDED)
    assert not moves_forward(PaymentState.EXPIRED, PaymentState.FAILED)
    assert not moves_forward(PaymentState.EXPIRED, PaymentState.PROCESSING)
    assert moves_forward(PaymentState.PROCESSING, PaymentState.FAILED)


@pytest.mark.parametrize(
    ("session", "payment_status", "intent", "state"),
    [
        ("open", "unpaid", None, PaymentState.OPEN),
        ("open", "unpaid", "requires_payment_method", PaymentState.OPEN),
        ("open", "unpaid", "succeeded", PaymentState.SUCCEEDED),
        ("complete", "paid", "succeeded", PaymentState.SUCCEEDED),
        ("complete", "unpaid", "processing", PaymentState.PROCESSING),
        ("complete", "unpaid", "requires_payment_method", PaymentState.FAILED),
        ("complete", "unpaid", "canceled", PaymentState.FAILED),
        ("expired", "unpaid", None, PaymentState.EXPIRED),
        ("expired", "unpaid", "canceled", PaymentState.EXPIRED),
        ("expired", "unpaid", "succeeded", PaymentState.SUCCEEDED),
    ],
)
def test_what_stripe_says_as_a_state_of_ours(
    session: str, payment_status: str, intent: str | None, state: PaymentState
) -> None:
    assert state_of(session=session, payment_status=payment_status, intent=intent) is state
