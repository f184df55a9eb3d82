"""The long-running commands: worker, relay and cron."""

import signal
import threading
from collections.abc import Iterable

import click
from flask import Flask, current_app

from kernel.cron import Periodic, tick_forever
from kernel.jobs import Queue
from kernel.relay import connect, relay_forever
from kernel.serving import serve


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def register(app: Flask, periodic: Iterable[Periodic]) -> None:
    """Add the commands to `flask`."""

    @app.cli.command("worker")
    @click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
    @click.option(
        "--queue", "only", multiple=True, type=click.Choice(list(Queue)),
        help="Work only these queues; all of them if none is named.",
    )  # fmt: skip
    def worker(*, burst: bool, only: tuple[str, ...]) -> None:
        """Do jobs, one at a time; start as many as the machine carries."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy's object
        serve(app, connect, burst=burst, only=[Queue(name) for name in only])

    @app.cli.command("relay")
    def relay() -> None:
        """Offer due jobs to the workers; a second one only shares the work."""
        relay_forever(connect(wait=5), _stop_on_signal())

    @app.cli.command("cron")
    def cron() -> None:
        """Announce what is due by the clock; a second one waits for the first to end."""
        tick_forever(periodic, _stop_on_signal())
