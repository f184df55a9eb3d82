from dataclasses import replace

import pytest

from billing import gateway
from billing.gateway import Checkout, CheckoutLine, CheckoutSession, Credentials
from billing.sandbox import Sandbox
from kernel.money import Money

DECLINED = "4000000000000002"


def begin(
    credentials: Credentials, checkout: Checkout, *, key: str = "co:order-1:1"
) -> CheckoutSession:
    return gateway.create_checkout_session(
        credentials=credentials, checkout=checkout, idempotency_key=key
    )


def test_a_page_is_made_on_the_shops_account(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    session = begin(greenfield, checkout)

    assert session.url
    assert session.url.startswith(sandbox.url)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.amount == Money(1250, "EUR")
    assert (session.reference, session.metadata) == ("order-1", {"tenant": "greenfield"})
    assert session.payment is None
    assert sandbox.calls[-1].account == greenfield.account


def test_a_paid_page_tells_payment_charge_and_fee(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    sandbox.pay(made.id)

    session = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)

    assert (session.status, session.payment_status) == ("complete", "paid")
    payment = session.payment
    assert payment is not None
    assert (payment.status, payment.received) == ("succeeded", Money(1250, "EUR"))
    assert (payment.fee, payment.refunded) == (Money(31, "EUR"), Money(0, "EUR"))
    assert (payment.method, payment.last4, payment.error) == ("card", "4242", None)
    assert payment.metadata == {"tenant": "greenfield", "reference": "order-1"}
    assert payment.charge_id
    assert payment.fee_id
    assert gateway.get_payment(credentials=greenfield, payment_id=payment.id) == payment


def test_a_declined_payment_says_why_and_can_be_tried_again(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    sandbox.pay(made.id, DECLINED)

    declined = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)
    assert declined.status == "open"
    assert declined.payment
    assert declined.payment.received == Money(0, "EUR")
    assert declined.payment.fee_id is None
    error = declined.payment.error
    assert error
    assert (error.code, error.decline_code) == ("card_declined", "generic_decline")

    sandbox.pay(made.id)
    paid = gateway.get_payment(credentials=greenfield, payment_id=declined.payment.id)
    assert (paid.status, paid.error) == ("succeeded", None)
    assert len(sandbox.record()["lines"]) == 2  # one capture, one fee


def test_a_payment_that_the_bank_refused_says_so(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    sandbox.pay(made.id, "4000002500003155", approve=False)

    found = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)
    assert found.payment
    assert found.payment.error
    assert found.payment.error.code == "payment_intent_authentication_failure"
    assert found.payment.error.decline_code is None
    assert found.payment.charge_id is None


def test_money_on_its_way_is_not_yet_money(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    sandbox.pay(made.id, "bank-debit")

    waiting = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment
    assert (waiting.payment.status, waiting.payment.received.minor) == ("processing", 0)

    sandbox.settle()
    paid = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)
    assert paid.payment
    assert (paid.payment_status, paid.payment.received.minor) == ("paid", 1250)
    assert paid.payment.method == "sepa_debit"


def test_an_expired_page_is_told_and_expiring_twice_is_refused(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    expired = gateway.expire_checkout_session(
        credentials=greenfield, session_id=made.id, idempotency_key="expire:1"
    )
    assert (expired.status, expired.url) == ("expired", None)
    assert sandbox.pay(made.id) == "closed"

    with pytest.raises(gateway.GatewayRefused):
        gateway.expire_checkout_session(
            credentials=greenfield, session_id=made.id, idempotency_key="expire:2"
        )


def test_another_shop_does_not_find_the_page_or_the_payment(
    sandbox: Sandbox, greenfield: Credentials, hillside: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout)
    sandbox.pay(made.id)
    paid = gateway.get_checkout_session(credentials=greenfield, session_id=made.id)
    assert paid.payment

    strangers = [hillside, gateway.platform(), gateway.own_key("sk_test_own_carol")]
    for stranger in strangers:
        with pytest.raises(gateway.GatewayRefused) as session_refused:
            gateway.get_checkout_session(credentials=stranger, session_id=made.id)
        with pytest.raises(gateway.GatewayRefused) as payment_refused:
            gateway.get_payment(credentials=stranger, payment_id=paid.payment.id)
        assert session_refused.value.not_found
        assert payment_refused.value.not_found


def test_an_own_key_is_paid_without_a_fee(sandbox: Sandbox, checkout: Checkout) -> None:
    ana = gateway.own_key("sk_test_own_ana")
    with pytest.raises(gateway.GatewayRefused) as refused:
        begin(ana, checkout)
    assert refused.value.param == "payment_intent_data[application_fee_amount]"

    made = begin(ana, replace(checkout, fee=None), key="co:order-1:2")
    assert sandbox.pay(made.id) == "paid"
    found = gateway.get_checkout_session(credentials=ana, session_id=made.id)
    assert found.payment
    assert (found.payment.fee, found.payment.fee_id) == (None, None)


def test_the_page_speaks_the_shoppers_language(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    chinese = begin(greenfield, checkout)
    english = begin(greenfield, replace(checkout, locale="en"), key="co:order-1:2")
    locales = {
        session.id: sandbox.world.store.locate("checkout.session", session.id)
        for session in (chinese, english)
    }
    assert [found[1]["locale"] for found in locales.values() if found] == ["zh", "en"]


def test_a_refusal_names_the_parameter(greenfield: Credentials, checkout: Checkout) -> None:
    tiny = replace(checkout, lines=[CheckoutLine("Seed", Money(10, "EUR"))], fee=None)
    with pytest.raises(gateway.GatewayRefused) as too_small:
        begin(greenfield, tiny)
    assert too_small.value.code == "amount_too_small"

    with pytest.raises(gateway.GatewayRefused) as soon:
        begin(greenfield, replace(checkout, success_url="greenfield"), key="co:order-1:2")
    assert soon.value.param == "success_url"
