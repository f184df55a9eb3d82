"""What everything in the sandbox shares: memory, time, switches, journal and events."""

import secrets
import string
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import stripe

from billing.sandbox.shapes import shown
from billing.sandbox.store import Store, Thing
from billing.sandbox.switches import Switches

PLATFORM = "acct_sandboxplatform"
API_VERSION = stripe.api_version
_ALPHABET = string.ascii_letters + string.digits
_LENGTHS = {"cs_test": 58, "acct": 16, "whsec": 32}


def new_id(prefix: str) -> str:
    length = _LENGTHS.get(prefix, 24)
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


def _nobody(_account: str, _event: Thing) -> None:
    """Stands in until a courier listens."""


@dataclass
class World:
    """One sandbox. `publish` is called inside the transaction that made the event."""

    store: Store
    publish: Callable[[str, Thing], None] = _nobody
    switches: Switches = field(default_factory=Switches)
    clock: Callable[[], float] = time.time
    settle_after: float = 10.0
    base_url: str = ""
    ahead: float = 0.0
    closing: threading.Event = field(default_factory=threading.Event)

    def now(self) -> int:
        """Unix seconds; `ahead` moves the sandbox into its own future."""
        return int(self.clock() + self.ahead)

    def emit(self, account: str, kind: str, thing: Thing, *, previous: Thing | None = None) -> None:
        """Record an event with a snapshot of the thing; its webhooks leave after the commit."""
        data: dict[str, Any] = {"object": shown(thing)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.store.add(account, "event", event)
        self.publish(account, event)

    def note(self, account: str, what: str, amount: int, currency: str, **refs: object) -> None:
        """Write one line into the journal of money: the reference that tests compare with."""
        line = {"id": new_id("line"), "what": what, "amount": amount, "currency": currency}
        self.store.add(account, "journal", {**line, "created": self.now(), **refs})
