"""Work that is done leaves the tables after a month; what failed for good stays to be read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from kernel import clock, jobs
from kernel.cron import CronSlot, Periodic, forget_finished_work, sweep_shops, tell_shops, tick
from kernel.db import db, transaction
from kernel.jobs import Job, JobState, job
from kernel.outbox import SLACK, Announcement, announce, keep_watch
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import run_due_jobs
from wsgi import PERIODIC, SUBSCRIPTIONS

MONTH = timedelta(days=30)


@job
def note() -> None:
    """Nothing: only the marks of its being done are looked at."""


@pytest.fixture
def noted() -> Iterator[None]:
    told = {"clock.struck": [tell_shops], "clock.swept": [sweep_shops]}
    jobs.install({"noted": [note], **told})
    yield
    jobs.install(SUBSCRIPTIONS)


def left(tenant: Tenant) -> tuple[int, int, int]:
    """Jobs, announcements and slots of the clock."""
    with acting_for(tenant.id):
        jobs_left, announced, slots = (
            db.session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in (Job, Announcement, CronSlot)
        )
    return jobs_left, announced, slots


def do_work(app: Flask, *tenants: Tenant) -> None:
    every_minute = [Periodic("noted", "* * * * *")]
    for tenant in tenants:
        with acting_for(tenant.id), transaction():
            keep_watch("noted", clock.now() + timedelta(minutes=2) - SLACK)
    tick(every_minute, clock.now() - timedelta(hours=1))
    run_due_jobs(app)


def forget(tenant: Tenant, *, at_most: int = 100) -> None:
    with acting_for(tenant.id):
        forget_finished_work(before=clock.now() - MONTH, at_most=at_most)


@pytest.mark.usefixtures("noted")
def test_what_was_done_a_month_ago_goes_for_one_tenant_at_a_time(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    do_work(app, greenfield, hillside)
    forget(greenfield)
    assert left(greenfield) == (1, 1, 1), "young"

    with time_machine.travel(clock.now() + MONTH + timedelta(hours=1)):
        do_work(app, greenfield)
        forget(greenfield)
        assert left(greenfield) == (1, 1, 1), "only the new one"
        assert left(hillside) == (1, 1, 1), "forgotten in its own run"
        forget(hillside)
    assert left(hillside) == (0, 0, 0)


@pytest.mark.parametrize("state", [JobState.DEAD, JobState.READY])
@pytest.mark.usefixtures("noted")
def test_what_is_dead_or_not_yet_done_stays_with_its_announcement(
    app: Flask, greenfield: Tenant, state: JobState
) -> None:
    do_work(app, greenfield)
    with acting_for(greenfield.id), transaction() as session:
        session.scalars(select(Job)).one().state = state

    with time_machine.travel(clock.now() + 3 * MONTH):
        forget(greenfield)
    assert left(greenfield) == (1, 1, 0)


@pytest.mark.usefixtures("noted")
def test_one_run_forgets_only_so_much(app: Flask, greenfield: Tenant) -> None:
    with acting_for(greenfield.id), transaction():
        for _ in range(5):
            announce("noted")
    run_due_jobs(app)

    with time_machine.travel(clock.now() + 3 * MONTH):
        forget(greenfield, at_most=3)
        assert left(greenfield) == (2, 2, 0)
        forget(greenfield, at_most=3)
    assert left(greenfield) == (0, 0, 0)


def test_the_clock_sees_to_it(app: Flask, greenfield: Tenant) -> None:
    def keep_house() -> None:
        tick(PERIODIC, clock.now() - timedelta(hours=25))
        run_due_jobs(app)

    with acting_for(greenfield.id), transaction():
        announce("shop.opened")
    keep_house()
    with acting_for(greenfield.id):
        old = set(db.session.scalars(select(Job.id)))
    assert old
    with time_machine.travel(clock.now() + MONTH + timedelta(days=2)):
        keep_house()
        with acting_for(greenfield.id):
            assert not old & set(db.session.scalars(select(Job.id)))
