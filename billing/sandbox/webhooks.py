"""Webhooks: who is told of an event, how it is signed, and how long it is tried."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from billing.sandbox.store import Store, Thing
from billing.sandbox.world import PLATFORM, new_id

Target = str | Callable[[Mapping[str, str], bytes], int]
BACKOFF = (1, 5, 15, 60, 300, 900, 3600)  # seconds after each refused try; then it is given up
_TIMEOUT = (3.0, 10.0)


class Webhook(NamedTuple):
    """One signed message, as an endpoint gets it."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass(frozen=True)
class Endpoint:
    """Where a kind of event goes; without a target they are only kept when delivered by hand."""

    name: str
    target: Target | None
    secret: str
    types: tuple[str, ...] = ("*",)

    def wants(self, event_type: str) -> bool:
        return "*" in self.types or event_type in self.types


def registered(store: Store, account: str, *, connect: bool) -> list[Endpoint]:
    """Endpoints made through the API for the account's own or its connected accounts' events."""
    return [
        Endpoint(thing["id"], thing["url"], thing["_secret"], tuple(thing["enabled_events"]))
        for thing in store.list_all(account, "webhook_endpoint")
        if thing["status"] == "enabled" and thing["_connect"] is connect
    ]


def sign(body: bytes, secret: str, *, timestamp: int) -> str:
    """The value of `Stripe-Signature`."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


def compose(account: str, event: Thing) -> bytes:
    """The body of the message; events of connected accounts name their account."""
    told = {**event, "pending_webhooks": 1}
    if account != PLATFORM and not event.get("_own"):
        told["account"] = account
    return json.dumps(
        {name: value for name, value in told.items() if not name.startswith("_")}, indent=2
    ).encode()


def signed(body: bytes, secret: str, *, timestamp: int) -> Webhook:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": sign(body, secret, timestamp=timestamp),
    }
    return Webhook(headers, body)


def waiting(endpoint: Endpoint, body: bytes, *, event: Thing, due: float) -> Thing:
    return {
        "id": new_id("whd"),
        "endpoint": endpoint.name,
        "event": event["id"],
        "type": event["type"],
        "body": body.decode(),
        "tries": 0,
        "due": due,
    }


def send(target: Target, webhook: Webhook) -> bool:
    """Whether the endpoint took it, that is, answered 2xx in time."""
    if not isinstance(target, str):
        return _accepted(target(webhook.headers, webhook.body))
    url, headers = _loopback(target)
    try:
        answer = requests.post(
            url,
            data=webhook.body,
            headers={**webhook.headers, **headers},
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        return False
    return _accepted(answer.status_code)


def _accepted(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _loopback(url: str) -> tuple[str, dict[str, str]]:
    # Browsers take *.localhost for loopback; the system's resolver often does not.
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, {}
    host = f"127.0.0.1:{parts.port}" if parts.port else "127.0.0.1"
    return parts._replace(netloc=host).geturl(), {"Host": parts.netloc}
