"""The sandbox as something that can be started, asked and closed."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from billing.sandbox import cards, control, journal
from billing.sandbox.api import Api, Seen
from billing.sandbox.app import create_app
from billing.sandbox.courier import Courier
from billing.sandbox.payments import attempts, later
from billing.sandbox.resources import disputes, refunds
from billing.sandbox.store import Store
from billing.sandbox.webhooks import Endpoint, Target, Webhook
from billing.sandbox.world import World

HOST = "127.0.0.1"
WEBHOOK_SECRET = "whsec_sandbox_platform"  # noqa: S105 - known to everybody; signs test events
CONNECT_SECRET = "whsec_sandbox_connect"  # noqa: S105 - likewise


class _Handler(WSGIRequestHandler):
    # One request per connection, so that no thread waits on an idle one when we close.
    protocol_version = "HTTP/1.0"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; `/_sandbox/calls` remembers."""


class _Server(ThreadedWSGIServer):
    daemon_threads = False
    block_on_close = True


class Sandbox:
    """A local Stripe for tests and development; never reachable from outside this machine.

    With `deliver=False` nothing is sent and nothing happens by itself: take the webhooks with
    `take_webhooks()` and let delayed payments arrive with `settle()`.
    """

    def __init__(  # noqa: PLR0913 - each is an independent, named choice with a default
        self,
        *,
        webhook_target: Target | None = None,
        webhook_secret: str = WEBHOOK_SECRET,
        connect_target: Target | None = None,
        connect_secret: str = CONNECT_SECRET,
        deliver: bool = True,
        state: Path | None = None,
        port: int = 0,
        public_url: str | None = None,
        clock: Callable[[], float] = time.time,
        settle_after: float = 10.0,
    ) -> None:
        self.world = World(Store(state), clock=clock, settle_after=settle_after)
        connect = Endpoint("connect", connect_target or webhook_target, connect_secret)
        platform = Endpoint("platform", webhook_target, webhook_secret)
        self._deliver = deliver
        self._courier = Courier(self.world, platform=platform, connect=connect, by_hand=not deliver)
        self.world.publish = self._courier.publish
        self.api = Api(self.world, self.nudge)
        self.app = create_app(self)
        with socket.create_server((HOST, port)) as taken:  # OSError when somebody else has it
            number = taken.getsockname()[1]
            self._server = _Server(HOST, number, self.app, handler=_Handler, fd=taken.fileno())
        self.url = f"http://{HOST}:{number}"
        self.world.base_url = (public_url or self.url).rstrip("/")
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="stripe-sandbox"
        )

    def __enter__(self) -> Self:
        self._thread.start()
        if self._deliver:
            self._courier.start([self._settle_due, self._expire_due])
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """No thread and no socket of the sandbox is left afterwards."""
        self.world.closing.set()
        if self._thread.ident is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._courier.stop()
        self.world.store.close()

    def nudge(self) -> None:
        """Webhooks leave now instead of within a second."""
        self._courier.nudge()

    @property
    def calls(self) -> list[Seen]:
        """The API calls that arrived, oldest first, whatever was answered."""
        return list(self.api.seen)

    def switch(self, **changes: object) -> None:
        """Tell the sandbox what to do wrong; the names are those of `switches.Settings`."""
        self.world.switches.set(changes)

    def record(self) -> dict[str, Any]:
        """The journal of money with its totals: see `journal.record`."""
        return journal.record(self.world.store)

    def pending_webhooks(self) -> list[Webhook]:
        """(headers, body) of what waits to be sent; it goes on waiting."""
        return self._courier.pending()

    def take_webhooks(self) -> list[Webhook]:
        """(headers, body) of what waits to be sent; the sandbox forgets it."""
        return self._courier.take()

    def pay(self, session_id: str, card: str = cards.SUCCESS, *, approve: bool = True) -> str:
        """Do what a payer does on the page: "paid", "processing", "declined" or "closed"."""
        means = cards.read(card)
        assert means is not None, "a card that exists"
        located = self.world.store.locate("checkout.session", session_id)
        assert located is not None, "a session that was made"
        account = located[0]
        outcome = attempts.attempt(self.world, account, session_id, means)
        if outcome == "challenge":
            outcome = attempts.answer_challenge(self.world, account, session_id, approved=approve)
        self.nudge()
        return outcome

    def dispute(
        self, charge_id: str, *, reason: str = "fraudulent", status: str = disputes.OPEN
    ) -> str:
        """The payer's bank claims a charge back, or only asks; returns the dispute's id."""
        located = self.world.store.locate("charge", charge_id)
        assert located is not None, "a charge that was made"
        made = disputes.open_dispute(
            self.world, located[0], charge_id, reason=reason, status=status
        )
        self.nudge()
        return str(made["id"])

    def move_dispute(self, dispute_id: str, status: str) -> None:
        """Any status of Stripe's: "under_review", "won", "lost" and so on."""
        located = self.world.store.locate("dispute", dispute_id)
        assert located is not None, "a dispute that was opened"
        disputes.move(self.world, located[0], dispute_id, status=status)
        self.nudge()

    def change_account(self, account_id: str, standing: str) -> None:
        """ "finish" its onboarding, "restrict", "restore" or "deauthorize" it."""
        control.change(self.world, account_id, standing)
        self.nudge()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time on: sessions expire, delayed payments arrive."""
        self.world.ahead += seconds
        self._settle_due()
        self._expire_due()
        self.nudge()

    def settle(self) -> int:
        """Let all delayed payments and pending refunds come to their end at once."""
        settled = later.settle_all(self.world) + refunds.settle_pending(self.world)
        self.nudge()
        return settled

    def deliver(self) -> int:
        """Send everything that waits, also what is delayed; returns how many were accepted."""
        return self._courier.deliver(even_later=True)

    def flush(self) -> dict[str, int]:
        """Settle everything, then send everything."""
        settled = self.settle()
        delivered = self.deliver()
        return {
            "settled": settled,
            "delivered": delivered,
            "waiting": len(self.pending_webhooks()),
        }

    def reset(self) -> None:
        """Forget every account, payment, event and switch."""
        self.world.switches.reset()
        with self.world.store.transaction():
            self.world.store.forget_all()

    def _settle_due(self) -> None:
        later.settle_due(self.world)

    def _expire_due(self) -> None:
        later.expire_due(self.world)
