import json
from datetime import UTC, datetime, timedelta

import pytest

from billing import gateway
from billing.gateway import BadSignature, Checkout, Credentials
from billing.gateway.events import read_webhook
from billing.sandbox import CONNECT_SECRET, Sandbox
from billing.sandbox.webhooks import sign
from kernel import clock

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
SECRET, NEWER = "whsec_first", "whsec_second"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "account": "acct_greenfield",
    "livemode": False,
    "created": int(NOW.timestamp()),
    "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
}
BODY = json.dumps(EVENT).encode()


def header(*, secret: str = SECRET, after: int = 0, body: bytes = BODY) -> str:
    return sign(body, secret, timestamp=int(NOW.timestamp()) + after)


def test_a_signed_event_is_read() -> None:
    event = read_webhook(BODY, header(), [SECRET], NOW)

    assert (event.id, event.type) == ("evt_1", "payment_intent.succeeded")
    assert (event.account, event.livemode, event.created) == ("acct_greenfield", False, NOW)
    assert (event.object_kind, event.object_id) == ("payment_intent", "pi_1")


@pytest.mark.parametrize("secrets", [[SECRET, NEWER], [NEWER, SECRET], [NEWER]])
def test_every_active_secret_is_good(secrets: list[str]) -> None:
    assert read_webhook(BODY, header(secret=NEWER), secrets, NOW).id == "evt_1"


def test_a_header_with_two_signatures_is_good_when_one_is() -> None:
    both = f"{header(secret='whsec_old')},{header().split(',')[1]}"
    assert read_webhook(BODY, both, [SECRET], NOW).id == "evt_1"


@pytest.mark.parametrize("after", [-300, 0, 300])
def test_five_minutes_to_either_side_are_good(after: int) -> None:
    assert read_webhook(BODY, header(after=after), [SECRET], NOW).id == "evt_1"


@pytest.mark.parametrize("after", [-301, 301, 86_400, 10**12])
def test_the_past_and_the_future_are_refused(after: int) -> None:
    with pytest.raises(BadSignature):
        read_webhook(BODY, header(after=after), [SECRET], NOW)


@pytest.mark.parametrize(
    ("body", "signature", "secrets"),
    [
        (BODY, header(secret="whsec_other"), [SECRET]),
        (BODY, header(), []),
        (BODY, header(), [""]),
        (BODY, header(secret=""), [""]),
        (BODY, "", [SECRET]),
        (BODY, "t=1", [SECRET]),
        (BODY, "v1=ab,t=", [SECRET]),
        (BODY, "t=x,v1=ab", [SECRET]),
        (BODY, header().replace("v1", "v0"), [SECRET]),
        (BODY.replace(b"pi_1", b"pi_2"), header(), [SECRET]),
        (BODY + b"\n", header(), [SECRET]),
        (b"\xff", "t=1,v1=ab", [SECRET]),
        (b"", header(), [SECRET]),
    ],
)
def test_anything_else_is_refused(body: bytes, signature: str, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        read_webhook(body, signature, secrets, NOW)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b"{}", b"{", b'{"data":{}}', b'{"data":{"object":[]}}', b'{"data":null}'],
)
def test_signed_nonsense_is_refused_too(body: bytes) -> None:
    with pytest.raises(BadSignature):
        read_webhook(body, header(body=body), [SECRET], NOW)


def test_what_the_sandbox_sends_is_read(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    made = gateway.create_checkout_session(
        credentials=greenfield, checkout=checkout, idempotency_key="co:1"
    )
    sandbox.pay(made.id)

    secrets = ["whsec_sandbox_platform", CONNECT_SECRET]
    events = [
        read_webhook(body, headers["Stripe-Signature"], secrets, clock.now())
        for headers, body in sandbox.take_webhooks()
    ]

    assert [event.type for event in events if event.account is None] == ["application_fee.created"]
    assert events[-1].object_id == made.id
    assert events[-1].account == greenfield.account


def test_missed_events_are_pulled_oldest_first(
    sandbox: Sandbox, greenfield: Credentials, hillside: Credentials, checkout: Checkout
) -> None:
    sandbox.switch(drop_webhooks=-1)
    for order in ("1", "2"):
        made = gateway.create_checkout_session(
            credentials=greenfield, checkout=checkout, idempotency_key=f"co:{order}"
        )
        sandbox.pay(made.id)
    assert sandbox.take_webhooks() == []

    since = clock.now() - timedelta(hours=1)
    types = ["checkout.session.completed", "payment_intent.succeeded"]
    found = gateway.list_events(credentials=greenfield, since=since, types=types)

    assert [event.type for event in found] == [types[1], types[0]] * 2
    assert {event.account for event in found} == {greenfield.account}
    assert gateway.get_event(credentials=greenfield, event_id=found[0].id) == found[0]
    assert gateway.list_events(credentials=hillside, since=since, types=types) == []
    later = clock.now() + timedelta(hours=1)
    assert gateway.list_events(credentials=greenfield, since=later, types=types) == []


def test_a_long_list_is_pulled_whole(
    sandbox: Sandbox, greenfield: Credentials, checkout: Checkout
) -> None:
    assert greenfield.account
    with sandbox.world.store.transaction():
        for number in range(230):
            sandbox.world.emit(
                greenfield.account, "charge.succeeded", {"id": f"ch_{number}", "object": "charge"}
            )
    found = gateway.list_events(
        credentials=greenfield, since=clock.now() - timedelta(hours=1), types=["charge.succeeded"]
    )
    assert [event.object_id for event in found] == [f"ch_{number}" for number in range(230)]


def test_a_shop_with_its_own_key_gets_its_own_endpoint(sandbox: Sandbox) -> None:
    ana = gateway.own_key("sk_test_own_ana")
    endpoint = gateway.create_webhook_endpoint(
        credentials=ana,
        url="http://app.sheaf.test/hooks/stripe/1",
        types=["payment_intent.succeeded"],
        idempotency_key="hook:1",
    )
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret not in repr(endpoint)

    gateway.delete_webhook_endpoint(credentials=ana, endpoint_id=endpoint.id)
    with pytest.raises(gateway.GatewayRefused):
        gateway.delete_webhook_endpoint(credentials=ana, endpoint_id=endpoint.id)
