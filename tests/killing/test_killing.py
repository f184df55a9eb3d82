"""Kill the worker, its parent, the relay and the clock at each of their steps, and lose parts of
Valkey: no job is lost, no effect doubled, and each job is done within 60 seconds of the kill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from kernel import jobs
from kernel.cron import CronSlot
from kernel.db import db, transaction
from kernel.jobs import Job, JobState
from kernel.outbox import Announcement, announce
from kernel.relay import connect
from kernel.scope import PLATFORM_ID, acting_for
from kernel.settings import Settings, settings, use
from tenants.accounts.models import Tenant
from tests.database import ROOT
from tests.jobs import due_jobs
from tests.killing.points import CRON_STEPS, RELAY_STEPS, WORKER_STEPS
from tests.killing.processes import SUBSCRIPTIONS as KILLING
from tests.killing.processes import VICTIMS, kill_note, plan
from wsgi import SUBSCRIPTIONS

RECOVERY_SECONDS = 60
PATIENCE_SECONDS = 240
RUNNING = ["worker", "worker", "relay", "cron"]


@pytest.fixture
def made(app: Flask, valkey: str) -> Iterator[Settings]:
    before = settings()
    made = replace(before, redis_url=valkey)
    use(made)
    jobs.install(KILLING)
    for note in made.instance.glob("kill*-*"):
        note.unlink()
    yield made
    jobs.install(SUBSCRIPTIONS)
    use(before)


def environment(made: Settings) -> dict[str, str]:
    plain = {
        f"SHEAF_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in asdict(made).items()
        if value is not None and value != ""
    }
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **plain}


class Supervisor:
    """Starts what has died again, as systemd would."""

    def __init__(self, made: Settings) -> None:
        self.environment = environment(made)
        self.log = (made.instance / "killing.log").open("w")
        self.deaths = 0
        self.children = [self.start(what) for what in RUNNING]

    def start(self, what: str) -> tuple[str, subprocess.Popen[bytes]]:
        program = f"from tests.killing.processes import main; main('{what}')"
        command = [sys.executable, "-c", program]
        return what, subprocess.Popen(
            command, env=self.environment, stdout=self.log, stderr=self.log, cwd=ROOT
        )

    def look(self) -> None:
        for index, (what, child) in enumerate(self.children):
            if child.poll() is not None:
                self.deaths += 1
                self.children[index] = self.start(what)

    def stop(self) -> None:
        for _, child in self.children:
            child.terminate()
        for _, child in self.children:
            child.wait(20)
        self.log.close()


def schedule(tenant: Tenant) -> list[UUID]:
    with acting_for(tenant.id):
        with transaction():
            for who in VICTIMS:
                for step in WORKER_STEPS:
                    announce("killing", job=f"{step}|{who}")
            announce("killing", job="unharmed")
        for job in db.session.scalars(select(Job)):
            if job.facts["job"] != "unharmed":
                plan(job.id).write_text(job.facts["job"])
        return list(db.session.scalars(select(Job.id)))


def lose_all(connection: Redis) -> None:
    connection.flushall()


def lose_the_lists(connection: Redis) -> None:
    connection.delete("rq:queue:urgent", "rq:queue:mail", "rq:queue:sweep")


FAULTS = {"nothing else": None, "valkey wiped": lose_all, "lists lost": lose_the_lists}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_no_kill_loses_a_job_or_doubles_its_effect(
    made: Settings, greenfield: Tenant, fault: Callable[[Redis], None] | None
) -> None:
    wanted = schedule(greenfield)
    supervisor = Supervisor(made)
    faults = [time.monotonic() + seconds for seconds in (3, 8, 20)] if fault else []
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while not all_is_over() and time.monotonic() < end:
            supervisor.look()
            if fault and faults and time.monotonic() > faults[0]:
                faults.pop(0)
                with connect() as connection:
                    fault(connection)
            time.sleep(0.2)
    finally:
        supervisor.stop()

    assert open_jobs() == 0, (made.instance / "killing.log").read_text()[-3000:]
    assert supervisor.deaths >= len(RELAY_STEPS) + len(CRON_STEPS)
    check(greenfield, wanted)


def all_is_over() -> bool:
    struck = all(kill_note(step).exists() for step in (*RELAY_STEPS, *CRON_STEPS))
    return struck and open_jobs() == 0


def open_jobs() -> int:
    with db.engines["relay"].connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM due_jobs").scalar_one())


def check(tenant: Tenant, wanted: list[UUID]) -> None:
    with acting_for(tenant.id):
        done = db.session.scalars(select(Job)).all()
        query = select(Announcement.facts["job"].astext).where(Announcement.topic == "effect")
        effects = sorted(db.session.scalars(query))
    assert sorted(job.id for job in done) == sorted(wanted)
    assert {job.state for job in done} == {JobState.DONE}
    assert effects == sorted(str(job.facts["job"]) for job in done), "each effect exactly once"
    late = {
        job.facts["job"]: job.finished_at.timestamp() - float(kill_note(job.id).read_text())
        for job in done
        if kill_note(job.id).exists() and job.finished_at is not None
    }
    assert len(late) == len(VICTIMS) * len(WORKER_STEPS), "each step was really hit"
    assert {name: s for name, s in late.items() if s > RECOVERY_SECONDS} == {}
    with acting_for(PLATFORM_ID):
        slots = db.session.scalar(select(func.count(CronSlot.id)))
        struck = select(func.count(Announcement.id)).where(Announcement.topic == "struck")
        assert slots == db.session.scalar(struck), "each slot of the clock exactly once"
    assert due_jobs() == []
