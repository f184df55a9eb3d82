"""What the caller learns when the network or the provider fails (fault F8)."""

import pytest
import stripe

from billing import gateway
from billing.gateway import Checkout, Credentials, client
from billing.sandbox import Sandbox
from kernel.db import transaction

SESSIONS = "POST /v1/checkout/sessions"


def begin(credentials: Credentials, checkout: Checkout, key: str) -> gateway.CheckoutSession:
    return gateway.create_checkout_session(
        credentials=credentials, checkout=checkout, idempotency_key=key
    )


def sessions_of(sandbox: Sandbox, credentials: Credentials) -> int:
    assert credentials.account
    return len(sandbox.world.store.list_all(credentials.account, "checkout.session"))


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a job, where the SDK may try again."""
    monkeypatch.setattr("billing.gateway.client.in_job", lambda: True)


@pytest.mark.usefixtures("nobody_waits")
@pytest.mark.parametrize("switch", ["cut_before", "cut_after"])
def test_a_lost_answer_is_fetched_again_with_the_same_key(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout, switch: str
) -> None:
    sandbox.switch(**{switch: 1})

    begin(greenfield, checkout, "co:1")

    assert sessions_of(sandbox, greenfield) == 1
    sent = [(seen.idempotency_key, seen.status) for seen in sandbox.calls if seen.label == SESSIONS]
    assert sent == [("co:1", 0), ("co:1", 200)]


@pytest.mark.usefixtures("nobody_waits")
def test_when_the_network_stays_away_the_caller_may_come_back_with_the_same_key(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    sandbox.switch(cut_after=3)
    with pytest.raises(gateway.GatewayUnavailable) as lost:
        begin(greenfield, checkout, "co:1")
    assert not lost.value.replayed
    assert sessions_of(sandbox, greenfield) == 1

    found = begin(greenfield, checkout, "co:1")
    assert sessions_of(sandbox, greenfield) == 1
    assert found.status == "open"


def test_a_kept_failure_is_recognised_and_a_new_key_gets_through(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    sandbox.switch(fail_before=1)
    with pytest.raises(gateway.GatewayUnavailable) as first:
        begin(greenfield, checkout, "co:1")
    with pytest.raises(gateway.GatewayUnavailable) as again:
        begin(greenfield, checkout, "co:1")

    assert (first.value.replayed, again.value.replayed) == (False, True)
    assert sessions_of(sandbox, greenfield) == 0
    begin(greenfield, checkout, "co:2")
    assert sessions_of(sandbox, greenfield) == 1


def test_a_failure_kept_after_the_effect_leaves_one_thing_that_can_be_found(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = begin(greenfield, checkout, "co:1")
    sandbox.pay(made.id)
    paid = gateway.get_checkout_session(credentials=greenfield, session_id=made.id).payment
    assert paid

    def refund() -> gateway.Refund:
        return gateway.create_refund(
            credentials=greenfield,
            payment_id=paid.id,
            amount=paid.amount,
            metadata={"refund": "1"},
            idempotency_key="re:1",
        )

    sandbox.switch(fail_after=1, only="POST /v1/refunds")
    for replayed in (False, True):
        with pytest.raises(gateway.GatewayUnavailable) as failed:
            refund()
        assert failed.value.replayed is replayed

    found = gateway.list_refunds(credentials=greenfield, payment_id=paid.id)
    assert [one.metadata for one in found] == [{"refund": "1"}]
    assert sandbox.record()["totals"][greenfield.account]["eur"]["refunded"] == 1250


@pytest.mark.usefixtures("nobody_waits")
def test_a_failure_of_the_road_is_repaired_by_the_sdk(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    sandbox.switch(fail_after=2, saved=False, only=SESSIONS)
    begin(greenfield, checkout, "co:1")
    assert sessions_of(sandbox, greenfield) == 1


def test_too_many_calls_are_only_a_pause(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    sandbox.switch(rate_limit=1)
    with pytest.raises(gateway.GatewayUnavailable):
        begin(greenfield, checkout, "co:1")
    assert sessions_of(sandbox, greenfield) == 0


def test_a_hanging_provider_is_given_up_in_time(
    sandbox: Sandbox,
    greenfield: Credentials,
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "INTERACTIVE", (0.2, 0.2))
    monkeypatch.setattr(client, "RETRIES", {(0.2, 0.2): 0})
    client._client.cache_clear()
    sandbox.switch(hang_after=1, hang_seconds=30)
    with pytest.raises(gateway.GatewayUnavailable):
        begin(greenfield, checkout, "co:1")
    client._client.cache_clear()
    assert sessions_of(sandbox, greenfield) == 1


def test_one_key_for_two_different_things_is_refused(
    sandbox: Sandbox, greenfield: Credentials, hillside: Credentials, checkout: Checkout
) -> None:
    begin(greenfield, checkout, "account:Hillside")  # a key of another account: no clash
    other = gateway.NewAccount("Other", "o@other.test", "FR")
    with pytest.raises(gateway.GatewayRefused) as refused:
        gateway.create_account(account=other, idempotency_key="account:Hillside")
    assert refused.value.code == "idempotency_error"


def test_a_wrong_key_is_an_authentication_failure_that_does_not_repeat_it(
    sandbox: Sandbox,
) -> None:
    wrong = gateway.Credentials("sk_test_nobodyknowsthisone")
    with pytest.raises(gateway.GatewayAuthFailed) as failed:
        gateway.get_account(credentials=wrong)
    assert wrong.key not in str(failed.value)


def test_no_call_leaves_while_a_transaction_is_open(
    sandbox: Sandbox, greenfield: Credentials
) -> None:
    before = len(sandbox.calls)
    with pytest.raises(AssertionError, match="inside a database transaction"), transaction():
        gateway.get_account(credentials=greenfield)
    assert len(sandbox.calls) == before


def test_no_change_leaves_without_a_key(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    with pytest.raises(AssertionError, match="its own idempotency key"):
        begin(greenfield, checkout, "")
    assert sessions_of(sandbox, greenfield) == 0


def test_nothing_is_told_to_the_provider_beyond_the_call(
    sandbox: Sandbox, greenfield: Credentials
) -> None:
    gateway.get_account(credentials=greenfield)
    gateway.get_account(credentials=greenfield)

    headers = sandbox.calls[-1].headers
    assert headers["Stripe-Version"] == client.API_VERSION
    assert "X-Stripe-Client-Telemetry" not in headers
    assert stripe.enable_telemetry is False
