"""Money that nobody can look at for a while, and accounts that a shop leaves."""

import pytest
from flask import Flask
from sqlalchemy import select

from billing.connections.errors import PagesStillOpen
from billing.connections.models import FormerAccount, PaymentMethod
from billing.connections.queries import offered_methods
from billing.connections.services import list_left
from billing.payments.errors import MethodNotOffered
from billing.payments.jobs import sweep_payments
from billing.payments.models import PaymentState
from billing.payments.queries import get_payment
from billing.payments.services.abandon import expire
from billing.payments.services.leave_account import remove_own_key
from billing.sandbox import Sandbox
from billing.webhooks.jobs import close_former_accounts
from kernel.db import db, transaction
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.billing.payments.test_abandon_payment import abandon, state_of
from tests.factories.billing import make_connection, make_own_keys, make_payment, open_page
from tests.jobs import run_due_jobs

PLATFORM = "acct_sandboxplatform"


def test_what_was_paid_out_of_sight_is_found_when_somebody_can_look_again(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    session = open_page(greenfield, payment).rsplit("/", 1)[1]
    sandbox.pay(session)
    thing = sandbox.world.store.find(PLATFORM, "account", account)
    assert thing is not None
    sandbox.change_account(account, "deauthorize")
    abandon(greenfield, payment)
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.OPEN

    sandbox.world.store.save(PLATFORM, "account", {**thing, "_deauthorized": False})
    with acting_for(greenfield.id), transaction():
        sweep_payments()
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED
    with acting_for(greenfield.id):
        found = get_payment(payment.id)
        assert (found.unknown_since, found.unknown_reason) == (None, "")


def test_an_end_that_was_booked_without_an_answer_is_asked_about_again(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    session = open_page(greenfield, payment).rsplit("/", 1)[1]
    sandbox.pay(session)
    with acting_for(greenfield.id), transaction():
        expire(get_payment(payment.id, lock=True))  # as it was done before this was known
    with acting_for(greenfield.id), transaction():
        sweep_payments()
    run_due_jobs(app)
    assert state_of(greenfield, payment) is PaymentState.SUCCEEDED


def test_a_key_is_not_removed_before_its_pages_are_closed_or_settled(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    open_one, paid_one = make_payment(greenfield), make_payment(greenfield)
    first = open_page(greenfield, open_one).rsplit("/", 1)[1]
    sandbox.pay(open_page(greenfield, paid_one).rsplit("/", 1)[1])
    with acting_for(greenfield.id):
        remove_own_key()
    assert state_of(greenfield, open_one) is PaymentState.EXPIRED
    assert state_of(greenfield, paid_one) is PaymentState.SUCCEEDED
    pages = sandbox.world.store.list_everywhere("checkout.session")
    assert {page["id"]: page["status"] for _, page in pages}[first] == "expired"


def test_while_stripe_cannot_be_asked_a_key_with_open_pages_stays(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = make_payment(greenfield)
    open_page(greenfield, payment)
    sandbox.switch(fail_before=20)
    with acting_for(greenfield.id), pytest.raises(PagesStillOpen):
        remove_own_key()
    sandbox.switch(fail_before=0)
    with acting_for(greenfield.id):
        assert PaymentMethod.STRIPE in offered_methods()
        assert get_payment(payment.id).abandoned_at is None
    assert state_of(greenfield, payment) is PaymentState.OPEN


def test_nothing_of_a_left_account_is_kept_once_all_is_settled(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = make_payment(greenfield)
    open_page(greenfield, payment)
    with acting_for(greenfield.id):
        remove_own_key()
        assert len(list_left()) == 1
        close_former_accounts()
        assert list_left() == []
        kept = db.session.scalars(select(FormerAccount)).one()
        assert (kept.key_sealed, kept.webhook_secret_sealed) == (None, None)
    with acting_for(hillside.id):
        assert db.session.scalars(select(FormerAccount)).all() == []


def test_no_page_opens_on_an_account_that_was_left(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    waiting, never_tried = make_payment(greenfield), make_payment(greenfield)
    open_page(greenfield, waiting)
    with acting_for(greenfield.id):
        remove_own_key()
        assert len(list_left()) == 1
    with pytest.raises(MethodNotOffered):
        open_page(greenfield, never_tried)
    assert len(sandbox.world.store.list_everywhere("checkout.session")) == 1
