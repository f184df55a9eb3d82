"""Keep a worker working: a parent that has everything loaded, and a child that does the jobs."""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from kernel import jobs
from kernel.db import db
from kernel.jobs import Queue
from kernel.log import log
from kernel.scope import PLATFORM_ID
from kernel.worker import make_worker

LIVED_LONG = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


def warm(app: Flask) -> None:
    """What every job needs is loaded and compiled once, before a child is forked."""
    configure_mappers()
    with app.app_context():
        try:
            jobs.claim(tenant_id=PLATFORM_ID, job_id=PLATFORM_ID)
        except SQLAlchemyError as error:
            log.warning("worker_waits", error=type(error).__name__)
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()  # a connection is never shared with a child
    gc.collect()
    gc.freeze()


def serve(app: Flask, connect: Callable[[], Redis], *, burst: bool, only: Sequence[Queue]) -> None:
    """Keep one working child until told to stop; then it finishes its job first."""
    warm(app)
    stopping = threading.Event()
    child = 0

    def stop(_number: int, _frame: object) -> None:
        stopping.set()
        if child:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    pause = FIRST_PAUSE
    while not stopping.is_set():
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _live(app, connect, burst=burst, only=only)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if burst:
            return
        if status != 0 and not stopping.is_set():
            log.error("worker_died", status=status)
            lived_long = time.monotonic() - begun > LIVED_LONG
            pause = FIRST_PAUSE if lived_long else min(2 * pause, LONGEST_PAUSE)
            stopping.wait(pause)


def _live(app: Flask, connect: Callable[[], Redis], *, burst: bool, only: Sequence[Queue]) -> None:
    """The child: it works, and never returns into the parent's code."""
    status = 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # until rq's own loop is there
    try:
        worker = make_worker(app, connect(), only=only)
        worker.pulse.start()
        worker.work(burst=burst, logging_level="WARNING")
        status = 0
    except RedisError as error:
        log.warning("worker_waits", error=type(error).__name__)
    finally:
        os._exit(status)
