"""Run what is due, as the worker would, without Valkey; a job never inherits the test's tenant."""

import contextvars
import signal

from flask import Flask
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock, jobs
from kernel.db import db, transaction
from kernel.handlers import Handler
from kernel.jobs import DueJob, Job
from kernel.scope import acting_for
from kernel.worker import make_worker
from tenants.accounts.models import Tenant


def run_due_jobs(app: Flask, *, rounds: int = 20) -> int:
    """Do every due job until none is left; returns how many were done. A failure is raised."""
    done = 0
    for _ in range(rounds):
        due = due_jobs()
        if not due:
            return done
        for row in due:
            done += contextvars.Context().run(_run, app, row)
    raise AssertionError(f"still due after {rounds} rounds: {due_jobs()}")


def due_jobs() -> list[DueJob]:
    """What the relay would offer now."""
    with Session(db.engines["relay"], info={"reads_across_tenants": True}) as session:
        query = select(DueJob).where(DueJob.due_at <= clock.now()).order_by(DueJob.due_at)
        return list(session.scalars(query))


def all_due_jobs() -> list[DueJob]:
    """What the relay has on its list, now or later."""
    with Session(db.engines["relay"], info={"reads_across_tenants": True}) as session:
        return list(session.scalars(select(DueJob).order_by(DueJob.due_at)))


def _run(app: Flask, row: DueJob) -> bool:
    with app.app_context():
        return jobs.run(tenant_id=row.tenant_id, job_id=row.id)


def work(app: Flask, connection: Redis) -> None:
    """A real worker of this process does what stands in the queues, and ends."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        contextvars.Context().run(make_worker(app, connection).work, burst=True)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def run_due_jobs_of(app: Flask, tenant: Tenant, handler: Handler) -> int:
    """Do what is due of one kind and leave all else, as news overtakes news; returns how many."""
    with acting_for(tenant.id), transaction() as session:
        of_this_kind = set(session.scalars(select(Job.id).where(Job.name == handler.name)))
    due = [row for row in due_jobs() if row.id in of_this_kind]
    return sum(contextvars.Context().run(_run, app, row) for row in due)


def make_due() -> None:
    """As if the time of everything on the relay's list had come."""
    with db.engines["relay"].begin() as connection:
        connection.exec_driver_sql("UPDATE due_jobs SET due_at = now()")
