"""The worker and the relay as people start them, but they die at a named step of a job, once.

Run `main("worker")` or `main("relay")` with the settings of a test in the environment.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from kernel import jobs, relay
from kernel.db import db
from kernel.jobs import Job, job
from kernel.outbox import Announcement
from kernel.relay import DueJob
from kernel.settings import settings
from wsgi import create_app

WORKER_STEPS = ["claimed", "before effect", "after effect", "marked", "committed"]
RELAY_STEPS = ["before offer", "offered", "handed over"]
VICTIMS = ["horse", "parent", "both"]

_now: dict[str, Any] = {}


def kill_note(job_id: UUID | str) -> Path:
    """When a job's process was killed, for the test to compare."""
    return settings().instance / f"killed-{job_id}"


def step(name: str) -> None:
    """Die here if the running job asks for it and has not been killed before."""
    if _now.get("step") != name or kill_note(_now["id"]).exists():
        return
    kill_note(_now["id"]).write_text(str(time.time()))
    victims = {"horse": [os.getpid()], "parent": [os.getppid()]}
    victims["both"] = victims["parent"] + victims["horse"]
    for victim in victims[_now["who"]]:
        os.kill(victim, signal.SIGKILL)


@job
def effect(*, job: str, step_name: str, who: str) -> None:
    """One visible effect per job."""
    step("before effect")
    db.session.add(Announcement(topic="effect", facts={"job": job}))
    db.session.flush()
    step("after effect")


def after(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The same function, followed by a step."""

    def stepping(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        step(name)
        return result

    return stepping


def remember(claim: Callable[[UUID], Job | None]) -> Callable[[UUID], Job | None]:
    """Know which job runs, for the steps before and after its handler."""

    def claiming(job_id: UUID) -> Job | None:
        claimed = claim(job_id)
        if claimed is not None:
            facts = claimed.facts
            _now.update(id=claimed.id, step=facts["step_name"], who=facts["who"])
            step("claimed")
        return claimed

    return claiming


def offer(inner: Callable[..., None]) -> Callable[..., None]:
    """The relay's steps around one offer; its victim is the relay itself."""
    wanted = iter(["before offer", "offered"])

    def offering(queue: Any, row: DueJob) -> None:
        _now.update(id="relay-" + (name := next(wanted, "none")), who="horse", step=name)
        step("before offer")
        inner(queue, row)
        step("offered")

    return offering


def relay_once(inner: Callable[..., int]) -> Callable[..., int]:
    def relaying(connection: Any) -> int:
        count = inner(connection)
        if count:
            _now.update(id="relay-handed over", who="horse", step="handed over")
            step("handed over")
        return count

    return relaying


def main(what: str) -> None:
    app = create_app()
    jobs.install({"killing": [effect]})
    jobs._claim = remember(jobs._claim)
    jobs.complete_job = after(jobs.complete_job, "marked")
    jobs.run = after(jobs.run, "committed")
    relay._offer = offer(relay._offer)
    relay.relay_once = relay_once(relay.relay_once)
    app.test_cli_runner().invoke(args=[what], catch_exceptions=False)
