"""The worker's pulse: it is alive, its job's lease is renewed, and no job takes for ever."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from kernel import jobs
from kernel.beats import BEAT_SECONDS, Process, beat
from kernel.db import transaction
from kernel.jobs import Claim
from kernel.log import log
from kernel.scope import PLATFORM_ID, acting_for

RENEW_SECONDS = 8.0
HANGS = timedelta(seconds=30)  # past its limit: nothing in the process can stop the handler


class TimeIsUp(BaseException):
    """A handler took longer than its kind may. Not an Exception: no handler catches it."""


class Pulse(threading.Thread):
    """A thread beside the work. What it knows of the work is set by the worker."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="pulse", daemon=True)
        self.app = app
        self.claimed: Claim | None = None
        self.since = 0.0

    def run(self) -> None:
        """Until the process ends. A worker whose parent died stops after its job."""
        parent, beaten, renewed = os.getppid(), 0.0, time.monotonic()
        while True:
            now, claimed = time.monotonic(), self.claimed
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                parent = os.getppid()
            if claimed:
                self._end_what_hangs(claimed, now)
            if now - beaten > BEAT_SECONDS:
                beaten = now
                self._say(_beat)
            if claimed and now - max(renewed, self.since) > RENEW_SECONDS:
                renewed = now
                self._say(partial(jobs.renew_lease, claimed))
            time.sleep(1)

    def _end_what_hangs(self, claimed: Claim, now: float) -> None:
        if now - self.since > (claimed.handler.time_limit + HANGS).total_seconds():
            log.error("worker_hangs", job=claimed.name)
            os._exit(os.EX_SOFTWARE)

    def _say(self, what: Callable[[], None]) -> None:
        try:
            with self.app.app_context():
                what()
        except SQLAlchemyError as error:
            log.warning("pulse_waits", error=type(error).__name__)


def _beat() -> None:
    with acting_for(PLATFORM_ID), transaction() as session:
        beat(session, Process.WORKER)


@contextmanager
def time_limit(limit: timedelta) -> Iterator[None]:
    """Inside, the main thread is interrupted when the time is up."""

    def strike(_number: int, _frame: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, strike)
    left = signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *left)
