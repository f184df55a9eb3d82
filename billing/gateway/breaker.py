"""Bounds on calling out: few at once, and none while Stripe is known to be down.

One for each address that is called, in each process. A breaker opens after some failures in a row;
then every call is answered at once with "nobody can know yet", until one probe gets through.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore, Lock

from billing.gateway.errors import GatewayUnavailable

AT_ONCE = 6  # of the sixteen threads of a web process
FAILURES, REST_SECONDS = 5, 15.0


class Breaker:
    """Closed while calls get through, open while they do not, and half open for one probe."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._places = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._failures = 0
        self._opened_at = 0.0
        self._probing = False

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Around one call. Refused with GatewayUnavailable: while it is open, and the call beyond
        those that may be under way; nothing was sent then."""
        if not self._places.acquire(blocking=False):
            raise GatewayUnavailable("too many calls are under way")
        probing = False
        try:
            probing = self._enter()
            yield
        finally:
            self._places.release()
            if probing:
                self._leave()

    def succeed(self) -> None:
        """Stripe has answered, whatever it said."""
        with self._lock:
            self._failures, self._probing = 0, False

    def fail(self) -> None:
        """Stripe has not answered, or said that it is down."""
        with self._lock:
            self._failures += 1
            self._opened_at, self._probing = time.monotonic(), False

    def reset(self) -> None:
        """As if nothing had been called yet."""
        self.succeed()

    def _leave(self) -> None:
        # However a probe ended, also by a time limit: the next one may be tried.
        with self._lock:
            self._probing = False

    def _enter(self) -> bool:
        with self._lock:
            if self._failures < FAILURES:
                return False
            rested = time.monotonic() - self._opened_at >= REST_SECONDS
            if not rested or self._probing:
                raise GatewayUnavailable("Stripe is known to be down")
            self._probing = True
            return True


@lru_cache(maxsize=32)
def breaker_for(address: str) -> Breaker:
    """The breaker of an address."""
    return Breaker(address)
