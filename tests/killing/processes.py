"""The worker, the relay and the clock as people start them, but each dies at a named step, once.

Run `main("worker")`, `main("relay")` or `main("cron")` with the settings of a test in the
environment. What a job's process dies of stands in a file named after the job.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from kernel import cron, jobs
from kernel.cron import Periodic
from kernel.db import db
from kernel.jobs import job
from kernel.outbox import Announcement
from kernel.settings import settings
from tests.killing import points
from wsgi import PERIODIC, create_app

VICTIMS = ["horse", "parent", "both"]
TABLE = [Periodic("killing.struck", "* * * * *", platform=True)]


def plan(job_id: UUID) -> Path:
    """Where it says at which step who dies of a job."""
    return settings().instance / f"kill-{job_id}"


def kill_note(name: UUID | str) -> Path:
    """When it came to that, for the test to compare."""
    return settings().instance / f"killed-{name}"


def step(name: str, job_id: UUID | None) -> None:
    """Die here if it is planned and has not happened before."""
    if job_id is not None and name in points.WORKER_STEPS:
        with suppress(FileNotFoundError):
            where, who = plan(job_id).read_text().split("|")
            if where == name:
                die(job_id, who)
    elif name in (*points.RELAY_STEPS, *points.CRON_STEPS):
        die(name, "horse")


def die(name: UUID | str, who: str) -> None:
    """Kill whom it is about, once per name."""
    if kill_note(name).exists():
        return
    kill_note(name).write_text(str(time.time()))
    victims = {"horse": [os.getpid()], "parent": [os.getppid()]}
    victims["both"] = victims["parent"] + victims["horse"]
    for victim in victims[who]:
        os.kill(victim, signal.SIGKILL)


@job
def effect(*, job: str) -> None:
    """One visible effect per job."""
    db.session.add(Announcement(topic="effect", facts={"job": job}))
    db.session.flush()


@job
def strike() -> None:
    """What the clock brings."""
    db.session.add(Announcement(topic="struck", facts={}))


SUBSCRIPTIONS = {"killing": [effect], "killing.struck": [strike]}


def main(what: str) -> None:
    PERIODIC[:] = TABLE
    cron.POLL_SECONDS = 1
    app = create_app()
    jobs.install(SUBSCRIPTIONS)
    points.install(step)
    app.test_cli_runner().invoke(args=[what], catch_exceptions=False)
