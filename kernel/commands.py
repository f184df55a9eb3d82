"""The long-running commands: worker, relay and cron."""

import signal
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

import click
from flask import Flask, current_app

from kernel import clock, outage
from kernel.db import db
from kernel.log import log
from kernel.relay import CRON_LOCK, Periodic, connect, make_worker, relay_forever, tick

CRON_POLL_SECONDS = 10
CATCH_UP = timedelta(hours=25)


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def register(
    app: Flask, periodic: Iterable[Periodic], list_tenants: Callable[[], list[UUID]]
) -> None:
    """Add the commands to `flask`."""

    @app.cli.command("worker")
    @click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
    def worker(*, burst: bool) -> None:
        """Do jobs, one at a time; start as many as the machine carries."""
        make_worker(current_app._get_current_object(), connect()).work(  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy's object
            burst=burst, logging_level="WARNING"
        )

    @app.cli.command("relay")
    def relay() -> None:
        """Offer due jobs to the workers; a second one only shares the work."""
        relay_forever(connect(), _stop_on_signal())

    @app.cli.command("cron")
    def cron() -> None:
        """Announce what is due by the clock; a second one waits for the first to end."""
        stop = _stop_on_signal()
        with db.engine.connect() as leader:
            while not stop.is_set():
                taken = leader.exec_driver_sql(f"SELECT pg_try_advisory_lock({CRON_LOCK})").scalar()
                leader.rollback()
                if taken:
                    break
                stop.wait(CRON_POLL_SECONDS)
            _cron_loop(stop, periodic, list_tenants)


def _cron_loop(
    stop: threading.Event, periodic: Iterable[Periodic], list_tenants: Callable[[], list[UUID]]
) -> None:
    while not stop.is_set():
        try:
            made = tick(periodic, list_tenants, clock.now() - CATCH_UP)
            if made:
                log.info("cron_announced", count=made)
        except outage.KINDS as error:
            log.warning("cron_waits", error=type(error).__name__)
        db.session.remove()
        stop.wait(CRON_POLL_SECONDS)
