"""Run what is due, as the worker would, without Valkey; a job never inherits the test's tenant."""

import contextvars

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock, jobs
from kernel.db import db
from kernel.jobs import DueJob


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


def _run(app: Flask, row: DueJob) -> bool:
    with app.app_context():
        return jobs.run(tenant_id=row.tenant_id, job_id=row.id)
