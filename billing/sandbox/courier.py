"""Carries webhooks: from a thread of its own, or by hand in tests."""

import threading
from collections.abc import Callable, Sequence

from billing.sandbox import webhooks
from billing.sandbox.keys import is_own
from billing.sandbox.store import Thing
from billing.sandbox.switches import ALWAYS
from billing.sandbox.webhooks import Endpoint, Webhook
from billing.sandbox.world import PLATFORM, World

_LONGEST_SLEEP = 1.0  # sessions expire and delayed payments arrive at this pace


class Courier:
    """Every published event waits here, in the store, until its endpoint took it."""

    def __init__(
        self, world: World, *, platform: Endpoint, connect: Endpoint, by_hand: bool
    ) -> None:
        self.world = world
        self._store = world.store
        self._configured = {endpoint.name: endpoint for endpoint in (platform, connect)}
        self._by_hand = by_hand
        self._wake = threading.Condition()
        self._carrying = threading.Lock()
        self._thread: threading.Thread | None = None

    def publish(self, account: str, event: Thing) -> None:
        body = webhooks.compose(account, {**event, "_own": is_own(account)})
        settings = self.world.switches.now
        for endpoint in self._endpoints(account):
            if not endpoint.wants(event["type"]) or not (endpoint.target or self._by_hand):
                continue
            if settings.drop_webhooks and self.world.switches.take("drop_webhooks"):
                continue
            due = self.world.clock() + settings.delay_webhooks
            for _ in range(1 + max(settings.duplicate_webhooks, 0)):
                self._store.add(
                    PLATFORM, "delivery", webhooks.waiting(endpoint, body, event=event, due=due)
                )

    def _endpoints(self, account: str) -> list[Endpoint]:
        if account == PLATFORM:
            configured = [self._configured["platform"]]
            return configured + webhooks.registered(self._store, PLATFORM, connect=False)
        if is_own(account):
            return webhooks.registered(self._store, account, connect=False)
        configured = [self._configured["connect"]]
        return configured + webhooks.registered(self._store, PLATFORM, connect=True)

    def pending(self) -> list[Webhook]:
        """What waits, signed as of now, in the order in which it would be sent."""
        return [webhook for _, _, webhook in self._waiting(even_later=True)]

    def take(self) -> list[Webhook]:
        """What waits, and it waits no longer: whoever takes it delivers it."""
        with self._store.transaction():
            taken = self._waiting(even_later=True)
            for waiting, _, _ in taken:
                self._store.remove(PLATFORM, "delivery", waiting["id"])
        return [webhook for _, _, webhook in taken]

    def deliver(self, *, even_later: bool = False) -> int:
        """Send what is due, or everything; returns how many an endpoint took."""
        with self._carrying:
            return sum(self._carry(*one) for one in self._waiting(even_later=even_later))

    def _waiting(self, *, even_later: bool) -> list[tuple[Thing, Endpoint, Webhook]]:
        now = self.world.clock()
        found = []
        with self._store.transaction():
            for _, waiting in self._store.list_everywhere("delivery"):
                endpoint = self._endpoint(waiting["endpoint"])
                if endpoint is None:
                    self._store.remove(PLATFORM, "delivery", waiting["id"])
                elif even_later or waiting["due"] <= now:
                    body = waiting["body"].encode()
                    webhook = webhooks.signed(body, endpoint.secret, timestamp=int(now))
                    found.append((waiting, endpoint, webhook))
        return found[::-1] if self.world.switches.now.reorder_webhooks else found

    def _endpoint(self, name: str) -> Endpoint | None:
        if name in self._configured:
            return self._configured[name]
        located = self._store.locate("webhook_endpoint", name)
        if located is None:
            return None
        thing = located[1]
        return Endpoint(name, thing["url"], thing["_secret"])

    def _carry(self, waiting: Thing, endpoint: Endpoint, webhook: Webhook) -> bool:
        taken = endpoint.target is not None and webhooks.send(endpoint.target, webhook)
        tries = waiting["tries"] + 1
        with self._store.transaction():
            if taken or tries > len(webhooks.BACKOFF):
                self._store.remove(PLATFORM, "delivery", waiting["id"])
            else:
                due = self.world.clock() + webhooks.BACKOFF[tries - 1]
                self._store.save(PLATFORM, "delivery", {**waiting, "tries": tries, "due": due})
        return taken

    def start(self, chores: Sequence[Callable[[], None]]) -> None:
        """Carry from now on in a thread, which also does the chores each round."""

        def work() -> None:
            while not self.world.closing.is_set():
                for chore in chores:
                    chore()
                self.deliver()
                with self._wake:
                    self._wake.wait(self._pause())

        self._thread = threading.Thread(target=work, name="stripe-sandbox-courier")
        self._thread.start()

    def _pause(self) -> float:
        due = [waiting["due"] for _, waiting in self._store.list_everywhere("delivery")]
        soonest = min(due, default=ALWAYS) - self.world.clock()
        return min(max(soonest, 0.05), _LONGEST_SLEEP) if due else _LONGEST_SLEEP

    def nudge(self) -> None:
        with self._wake:
            self._wake.notify()

    def stop(self) -> None:
        """Call after `world.closing` is set; returns when the thread has ended."""
        self.nudge()
        if self._thread is not None:
            self._thread.join()
