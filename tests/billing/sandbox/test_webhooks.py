import http.server
import threading
import time
from collections.abc import Mapping

import pytest
import requests
import stripe

from billing.sandbox import CONNECT_SECRET, WEBHOOK_SECRET, Sandbox, Webhook
from tests.billing.sandbox.caller import Caller

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def types(webhooks: list[Webhook]) -> list[str]:
    return [webhook.event["type"] for webhook in webhooks]


def signed_with(webhook: Webhook, secret: str) -> bool:
    signature = webhook.headers["Stripe-Signature"]
    try:
        stripe.WebhookSignature.verify_header(webhook.body, signature, secret, tolerance=300)
    except stripe.SignatureVerificationError:
        return False
    return True


def test_what_happened_waits_to_be_taken_by_hand(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid()

    assert types(sandbox.pending_webhooks()) == PAID
    assert types(sandbox.take_webhooks()) == PAID
    assert sandbox.pending_webhooks() == []


def test_an_event_names_its_account_and_is_not_live(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid(fee=31)
    events = [webhook.event for webhook in sandbox.take_webhooks()]

    accounts = {event["type"]: event.get("account") for event in events}
    assert accounts.pop("application_fee.created") is None
    assert set(accounts.values()) == {greenfield.account}
    assert {event["livemode"] for event in events} == {False}


def test_each_endpoint_has_its_secret(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid(fee=31)
    for webhook in sandbox.take_webhooks():
        mine = CONNECT_SECRET if "account" in webhook.event else WEBHOOK_SECRET
        other = WEBHOOK_SECRET if "account" in webhook.event else CONNECT_SECRET
        assert signed_with(webhook, mine)
        assert not signed_with(webhook, other)
        assert not signed_with(Webhook(webhook.headers, webhook.body + b" "), mine)


def test_switches_duplicate_drop_and_reorder(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(duplicate_webhooks=1)
    greenfield.paid()
    assert types(sandbox.take_webhooks()) == [kind for kind in PAID for _ in range(2)]

    sandbox.switch(duplicate_webhooks=0, drop_webhooks=2)
    greenfield.paid()
    assert types(sandbox.take_webhooks()) == PAID[2:]

    sandbox.switch(drop_webhooks=-1)
    greenfield.paid()
    assert sandbox.take_webhooks() == []
    assert greenfield.events()[-4:] == PAID  # what was dropped can still be pulled

    sandbox.switch(drop_webhooks=0, reorder_webhooks=True)
    greenfield.paid()
    assert types(sandbox.take_webhooks()) == PAID[::-1]


def test_a_duplicate_is_the_same_event(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(duplicate_webhooks=2)
    greenfield.check_out()
    greenfield.paid()
    ids = [webhook.event["id"] for webhook in sandbox.take_webhooks()]
    assert len(ids) == 12
    assert len(set(ids)) == 4


class Endpoint:
    """Somebody who takes webhooks, or refuses them while `broken`."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.tries = 0
        self.broken = False

    def __call__(self, headers: Mapping[str, str], body: bytes) -> int:
        self.tries += 1
        if self.broken:
            return 503
        self.taken.append(Webhook(dict(headers), body).event["type"])
        return 200

    def wait_for(self, count: int) -> list[str]:
        until = time.monotonic() + 120
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.taken


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


def test_webhooks_leave_by_themselves_in_order(endpoint: Endpoint) -> None:
    with Sandbox(webhook_target=endpoint) as sandbox:
        platform = Caller(sandbox)
        greenfield = platform.on(platform.open_account("Greenfield"))
        greenfield.paid()
        assert endpoint.wait_for(5)[-4:] == PAID


def test_a_refused_webhook_is_tried_again_later(endpoint: Endpoint) -> None:
    now = [time.time()]
    with Sandbox(webhook_target=endpoint, deliver=False, clock=lambda: now[0]) as sandbox:
        Caller(sandbox).open_account("Greenfield")
        endpoint.broken = True
        greenfield = Caller(sandbox)
        greenfield = greenfield.on(greenfield.open_account("Hillside"))
        sandbox.pay(greenfield.check_out()["id"])
        waiting = len(sandbox.pending_webhooks())

        assert sandbox.deliver() == 0
        assert endpoint.tries == waiting
        endpoint.broken = False
        assert len(sandbox.pending_webhooks()) == waiting
        assert sandbox.deliver() == waiting
        assert sandbox.pending_webhooks() == []


def test_a_webhook_is_given_up_in_the_end(endpoint: Endpoint) -> None:
    endpoint.broken = True
    with Sandbox(webhook_target=endpoint, deliver=False) as sandbox:
        greenfield = Caller(sandbox)
        account = greenfield.post("/v1/accounts", {"country": "DE"})["id"]
        sandbox.change_account(account, "finish")
        for _ in range(8):
            assert len(sandbox.pending_webhooks()) == 1
            sandbox.deliver()
        assert sandbox.pending_webhooks() == []
        assert greenfield.on(account).events() == ["account.updated"]


def test_a_delayed_webhook_waits_and_a_flush_sends_it(endpoint: Endpoint) -> None:
    with Sandbox(webhook_target=endpoint) as sandbox:
        greenfield = Caller(sandbox)
        greenfield = greenfield.on(greenfield.open_account("Greenfield"))
        assert endpoint.wait_for(1) == ["account.updated"]
        sandbox.switch(delay_webhooks=60)
        greenfield.paid()
        assert len(sandbox.pending_webhooks()) == 4
        assert len(endpoint.taken) == 1

        flushed = requests.post(f"{sandbox.url}/_sandbox/flush", timeout=120).json()

        assert flushed == {"settled": 0, "delivered": 4, "waiting": 0}
        assert endpoint.taken[-4:] == PAID


def test_an_address_under_localhost_is_found_without_a_resolver() -> None:
    heard: list[tuple[str, str]] = []

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Host"], Webhook({}, body).event["type"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Shop) as shop:
        host = f"greenfield.shops.localhost:{shop.server_port}"
        server = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.01})
        server.start()
        with Sandbox(webhook_target=f"http://{host}/hooks", deliver=False) as sandbox:
            Caller(sandbox).open_account("Greenfield")
            assert sandbox.deliver() == 1
        shop.shutdown()
        server.join()

    assert heard == [(host, "account.updated")]


def test_nobody_at_the_address_is_only_a_refused_try() -> None:
    with Sandbox(webhook_target="http://127.0.0.1:1/", deliver=False) as sandbox:
        Caller(sandbox).open_account("Greenfield")
        assert sandbox.deliver() == 0
        assert len(sandbox.pending_webhooks()) == 1


def test_an_own_key_registers_its_endpoint_and_hears_only_of_itself(sandbox: Sandbox) -> None:
    ana, carol = (Caller(sandbox, key=f"sk_test_own_{name}") for name in ("ana", "carol"))
    made = ana.post(
        "/v1/webhook_endpoints",
        {"url": "http://app.sheaf.test/hooks/1", "enabled_events[]": "payment_intent.succeeded"},
    )
    carol.paid()
    ana.paid()

    (webhook,) = sandbox.take_webhooks()
    assert webhook.event["type"] == "payment_intent.succeeded"
    assert "account" not in webhook.event
    assert signed_with(webhook, made["secret"])
    assert "secret" not in ana.get(f"/v1/webhook_endpoints/{made['id']}")

    assert ana.send("DELETE", f"/v1/webhook_endpoints/{made['id']}").json()["deleted"] is True
    ana.paid()
    assert sandbox.take_webhooks() == []


def test_an_unknown_event_type_cannot_be_subscribed_to(platform: Caller) -> None:
    error = platform.refused(
        "/v1/webhook_endpoints", {"url": "http://x.test/", "enabled_events[]": "cow.milked"}
    )
    assert error["param"] == "enabled_events[0]"


def test_an_idle_sandbox_closes_at_once(endpoint: Endpoint) -> None:
    before = set(threading.enumerate())
    with Sandbox(webhook_target=endpoint):
        pass
    assert set(threading.enumerate()) <= before


def test_nothing_of_it_is_left_after_closing(endpoint: Endpoint) -> None:
    before = set(threading.enumerate())
    with Sandbox(webhook_target=endpoint) as sandbox:
        Caller(sandbox).open_account("Greenfield")
        sandbox.switch(hang_before=1, hang_seconds=60)
        caller = threading.Thread(target=Caller(sandbox).send, args=("GET", "/v1/balance"))
        caller.start()
        while sandbox.world.switches.now.hang_before:
            time.sleep(0.01)
    caller.join(timeout=120)

    assert set(threading.enumerate()) <= before
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url, timeout=1)
