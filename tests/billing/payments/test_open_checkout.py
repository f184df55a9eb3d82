"""Opening the page where a shopper pays."""

import pytest
from sqlalchemy import select

from billing.connections.errors import StripeAway
from billing.connections.models import PaymentMethod
from billing.payments.errors import (
    AlreadyPaid,
    AmountTooSmall,
    MethodNotOffered,
    PaymentClosed,
    PaymentNotFound,
)
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import get_payment, payments_of
from billing.payments.services import abandon_payment, refresh_payment
from billing.sandbox import Sandbox, cards
from kernel.db import db
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection, make_own_keys, make_payment, open_page, pay


def session_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_a_payment_is_asked_for_on_the_shops_own_account_with_our_fee(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = make_payment(greenfield, 1250)

    url = open_page(greenfield, payment)

    sandbox.pay(session_of(url))
    totals = sandbox.record()["totals"]
    assert totals[account]["eur"]["captured"] == 1250
    assert totals[account]["eur"]["fees"] == 31  # 2.5 % of 12.50 is 31.25
    assert list(totals) == [account]


def test_asking_twice_opens_one_page(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)

    assert open_page(greenfield, payment) == open_page(greenfield, payment)

    assert len(sandbox.world.store.list_everywhere("checkout.session")) == 1


def test_the_same_request_is_one_payment(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    again = make_payment(greenfield, payable_id=payment.payable_id)
    assert again.id == payment.id


def test_an_answer_lost_after_stripe_acted_still_makes_one_page(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    sandbox.switch(cut_after=9, only="POST /v1/checkout/sessions")
    with pytest.raises(StripeAway):
        open_page(greenfield, payment)
    sandbox.switch(cut_after=0)

    sandbox.pay(session_of(open_page(greenfield, payment)))

    with acting_for(greenfield.id):
        assert refresh_payment(payment_id=payment.id).state is PaymentState.SUCCEEDED
    assert len(sandbox.world.store.list_everywhere("checkout.session")) == 1


@pytest.mark.parametrize("fault", ["fail_before", "fail_after"])
def test_a_failure_that_stripe_keeps_as_its_answer_does_not_lock_the_shopper_out(
    greenfield: Tenant, sandbox: Sandbox, fault: str
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    sandbox.switch(**{fault: 1}, only="POST /v1/checkout/sessions")
    with pytest.raises(StripeAway):
        open_page(greenfield, payment)

    url = open_page(greenfield, payment)

    assert open_page(greenfield, payment) == url
    assert sandbox.pay(session_of(url)) == "paid"
    assert sandbox.record()["totals"][account]["eur"]["captured"] == 1250


def test_what_the_page_says_about_itself_is_not_believed_before_stripe_says_so(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    open_page(greenfield, payment)
    with acting_for(greenfield.id):
        assert refresh_payment(payment_id=payment.id).state is PaymentState.OPEN


def test_a_declined_card_can_be_followed_by_a_good_one_on_the_same_page(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox, card=cards.DECLINED)
    with acting_for(greenfield.id):
        declined = refresh_payment(payment_id=payment.id)
        assert (declined.state, declined.last_error) == (PaymentState.OPEN, "generic_decline")
    sandbox.pay(session_of(open_page(greenfield, payment)))
    with acting_for(greenfield.id):
        assert refresh_payment(payment_id=payment.id).state is PaymentState.SUCCEEDED


def test_nothing_more_can_be_paid_after_it_is_paid_or_given_up(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    paid = pay(greenfield, sandbox)
    given_up = make_payment(greenfield)
    with acting_for(greenfield.id):
        refresh_payment(payment_id=paid.id)
        abandon_payment(payable_id=given_up.payable_id)
    with pytest.raises(AlreadyPaid):
        open_page(greenfield, paid)
    with pytest.raises(AlreadyPaid):
        make_payment(greenfield, payable_id=paid.payable_id)
    with pytest.raises(PaymentClosed):
        open_page(greenfield, given_up)


def test_a_method_that_is_not_offered_is_refused(greenfield: Tenant, sandbox: Sandbox) -> None:
    with pytest.raises(MethodNotOffered):
        make_payment(greenfield)
    make_connection(greenfield, sandbox, at_pickup=False)
    with pytest.raises(MethodNotOffered):
        make_payment(greenfield, method=PaymentMethod.AT_PICKUP)
    with acting_for(greenfield.id):
        assert db.session.scalars(select(Payment)).all() == []


def test_too_little_for_stripe_is_refused_before_it_is_asked(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    with pytest.raises(AmountTooSmall):
        make_payment(greenfield, 49)
    assert make_payment(greenfield, 50).amount == Money(50, "EUR")


def test_an_account_that_lost_its_permission_is_no_longer_offered(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = make_payment(greenfield)
    sandbox.change_account(account, "deauthorize")
    with pytest.raises(MethodNotOffered):
        open_page(greenfield, payment)
    with pytest.raises(MethodNotOffered):
        make_payment(greenfield)


def test_own_keys_are_charged_without_a_fee_taken_at_the_charge(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    payment = pay(greenfield, sandbox, 1250)
    with acting_for(greenfield.id):
        paid = refresh_payment(payment_id=payment.id)
    assert (paid.state, paid.application_fee_minor) == (PaymentState.SUCCEEDED, 0)
    (totals,) = sandbox.record()["totals"].values()
    assert (totals["eur"]["captured"], totals["eur"]["fees"]) == (1250, 0)


def test_a_neighbour_reaches_none_of_it(
    greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    make_connection(hillside, sandbox)
    payment = make_payment(greenfield)
    with acting_for(hillside.id):
        assert payments_of(payment.payable_id) == []
        with pytest.raises(PaymentNotFound):
            get_payment(payment.id)
    with pytest.raises(PaymentNotFound):
        open_page(hillside, payment)


def test_the_lines_must_add_up(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    payment = make_payment(greenfield, 1250)
    payment.amount_minor = 1249
    with pytest.raises(AssertionError, match="add up"):
        open_page(greenfield, payment)
    assert sandbox.world.store.list_everywhere("checkout.session") == []
