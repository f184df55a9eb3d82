"""Any bytes at the webhooks' door: refused unless signed, kept once when they are."""

import hashlib
import hmac
import json
import time

import psycopg
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.test import TestResponse

from tests.browsers import browse
from tests.fuzz.inputs import effort, faults, texts
from tests.world import tables
from tests.world.story import World

SECRETS = {"platform": "whsec_sandbox_platform", "connect": "whsec_sandbox_connect"}
anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def deliver(app: Flask, endpoint: str, body: bytes, signature: str) -> TestResponse:
    return browse(app, "sheaf.test").post(
        f"/hooks/stripe/{endpoint}", data=body, content_type="application/json",
        environ_overrides={"HTTP_STRIPE_SIGNATURE": signature},
    )  # fmt: skip


def signed(endpoint: str, body: bytes) -> str:
    now = int(time.time())
    mac = hmac.new(SECRETS[endpoint].encode(), f"{now}.".encode() + body, hashlib.sha256)
    return f"t={now},v1={mac.hexdigest()}"


signatures = some.text(some.characters(max_codepoint=255), max_size=80) | some.lists(
    some.tuples(
        some.sampled_from(["t", "v1", "v0", "", "T"]),
        some.sampled_from(["", "0", "-1", "9" * 30, "1e9", "NaN", "a" * 64, "٣"]),
    ),
    max_size=4,
).map(lambda pairs: ",".join(f"{name}={value}" for name, value in pairs))
bodies = some.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode())


@effort(100)
@given(some.sampled_from(["platform", "connect", "no-such-endpoint", "%00"]), bodies, signatures)
def test_what_is_not_signed_is_refused(
    app: Flask, world: World, endpoint: str, body: bytes, signature: str
) -> None:
    answer = deliver(app, endpoint, body, signature)
    assert answer.status_code in {400, 404}
    assert faults(answer, "site") == []


@effort(150)
@given(some.sampled_from(["platform", "connect"]), some.data())
def test_what_is_signed_and_no_event_is_refused_or_kept(
    app: Flask, world: World, admin: psycopg.Connection, endpoint: str, data: some.DataObject
) -> None:
    """Also where a sound event has something else in one place."""
    account = world.greenfield.one("payment_connections", "account_ref")
    event = {
        "id": "evt_1", "object": "event", "type": "account.updated", "livemode": False,
        "created": int(time.time()), "api_version": "2025-01-01",
        "data": {"object": {"id": account, "object": "account"}},
    }  # fmt: skip
    if endpoint == "connect":
        event["account"] = account
    body = json.dumps(event).encode()
    if data.draw(some.booleans()):
        event[data.draw(some.sampled_from(sorted(event)))] = data.draw(anything)
        body = json.dumps(event).encode()
    elif data.draw(some.booleans()):
        body = data.draw(bodies)
    answer = deliver(app, endpoint, body, signed(endpoint, body))
    tables.put_back(admin)
    assert answer.status_code in {200, 400}
    assert faults(answer, "site") == []


def test_what_is_too_deep_to_be_read_is_refused(app: Flask, world: World) -> None:
    body = b"[" * 100_000
    assert deliver(app, "platform", body, signed("platform", body)).status_code == 400


def test_a_body_beyond_all_bounds_is_not_read(app: Flask, world: World) -> None:
    body = b'{"a": "' + b"a" * 300_000 + b'"}'
    answer = deliver(app, "platform", body, signed("platform", body))
    assert answer.status_code == 413
