import pytest

from billing import gateway
from billing.gateway import Checkout, Credentials, Payment, Refund
from billing.sandbox import Sandbox
from kernel.money import Money


@pytest.fixture
def payment(sandbox: Sandbox, greenfield: Credentials, checkout: Checkout) -> Payment:
    """12.50 paid to Greenfield, of which 0.31 is Sheaf's."""
    made = gateway.create_checkout_session(
        credentials=greenfield, checkout=checkout, idempotency_key="co:1"
    )
    sandbox.pay(made.id)
    found = gateway.get_checkout_session(credentials=greenfield, session_id=made.id).payment
    assert found is not None
    return found


def give_back(credentials: Credentials, payment: Payment, minor: int, *, key: str) -> Refund:
    return gateway.create_refund(
        credentials=credentials,
        payment_id=payment.id,
        amount=Money(minor, "EUR"),
        metadata={"refund": key},
        idempotency_key=key,
    )


def give_fee_back(payment: Payment, minor: int, *, key: str) -> gateway.FeeRefund:
    return gateway.refund_application_fee(
        fee_id=str(payment.fee_id),
        amount=Money(minor, "EUR"),
        metadata={"refund": key},
        idempotency_key=key,
    )


def test_a_part_is_refunded_and_our_fee_stays(
    sandbox: Sandbox, greenfield: Credentials, payment: Payment
) -> None:
    refund = give_back(greenfield, payment, 450, key="re:1")

    assert (refund.status, refund.amount) == ("succeeded", Money(450, "EUR"))
    assert (refund.payment_id, refund.charge_id) == (payment.id, payment.charge_id)
    assert gateway.get_refund(credentials=greenfield, refund_id=refund.id) == refund
    now = gateway.get_payment(credentials=greenfield, payment_id=payment.id)
    assert now.refunded == Money(450, "EUR")
    assert sandbox.record()["totals"][greenfield.account]["eur"]["fees_returned"] == 0


def test_more_than_is_left_is_refused(greenfield: Credentials, payment: Payment) -> None:
    give_back(greenfield, payment, 450, key="re:1")
    with pytest.raises(gateway.GatewayRefused) as refused:
        give_back(greenfield, payment, 801, key="re:2")
    assert refused.value.param == "amount"

    give_back(greenfield, payment, 800, key="re:3")
    with pytest.raises(gateway.GatewayRefused) as gone:
        give_back(greenfield, payment, 1, key="re:4")
    assert gone.value.code == "charge_already_refunded"


def test_our_fee_is_given_back_to_the_cent(
    sandbox: Sandbox, greenfield: Credentials, payment: Payment
) -> None:
    first = give_fee_back(payment, 11, key="fr:1")
    assert give_fee_back(payment, 11, key="fr:1") == first  # the same key, the same refund
    give_fee_back(payment, 20, key="fr:2")

    with pytest.raises(gateway.GatewayRefused):
        give_fee_back(payment, 1, key="fr:3")

    given = gateway.list_fee_refunds(fee_id=str(payment.fee_id))
    assert [one.amount.minor for one in given] == [20, 11]
    assert given[0].metadata == {"refund": "fr:2"}
    assert sandbox.record()["totals"][greenfield.account]["eur"]["fees_returned"] == 31


def test_a_stranger_refunds_nothing(
    sandbox: Sandbox, greenfield: Credentials, hillside: Credentials, payment: Payment
) -> None:
    with pytest.raises(gateway.GatewayRefused) as refused:
        give_back(hillside, payment, 100, key="re:1")
    assert refused.value.not_found
    assert gateway.list_refunds(credentials=greenfield, payment_id=payment.id) == []


def test_a_refund_that_fails_later_says_so(
    sandbox: Sandbox, greenfield: Credentials, payment: Payment
) -> None:
    sandbox.switch(refund_next="failed")
    refund = give_back(greenfield, payment, 450, key="re:1")

    assert (refund.status, refund.failure_reason) == ("failed", "declined")
    now = gateway.get_payment(credentials=greenfield, payment_id=payment.id)
    assert now.refunded == Money(0, "EUR")


def test_too_little_balance_is_a_refusal_with_a_code(
    sandbox: Sandbox, greenfield: Credentials, payment: Payment
) -> None:
    sandbox.switch(refund_next="insufficient")
    with pytest.raises(gateway.GatewayRefused) as refused:
        give_back(greenfield, payment, 450, key="re:1")
    assert refused.value.code == "balance_insufficient"
