"""A bulkhead: at most so many threads of this process do one costly thing at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from kernel.errors import TooBusy


class Bulkhead:
    """So many places; whoever finds none within the wait is refused with TooBusy, not queued."""

    def __init__(self, places: int, *, wait_seconds: float) -> None:
        self._free = BoundedSemaphore(places)
        self._wait = wait_seconds

    @contextmanager
    def place(self) -> Iterator[None]:
        if not self._free.acquire(timeout=self._wait):
            raise TooBusy
        try:
            yield
        finally:
            self._free.release()
