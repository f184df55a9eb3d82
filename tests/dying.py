"""A process that dies just before one of its commits, and what its supervisor does then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import db
from kernel.jobs import DueJob, Job
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import run_due_jobs


class Killed(BaseException):
    """As SIGKILL: nothing of the program gets to see it."""


@dataclass
class Death:
    """When it comes, counted in commits, and whether it has come."""

    at: int
    commits: int = 0
    came: bool = False


@contextmanager
def dying(at: int) -> Iterator[Death]:
    """Inside, the commit of this number does not happen, once."""
    death = Death(at)

    def strike(session: Session) -> None:
        if session.info.get("reads_across_tenants"):
            return
        death.commits += 1
        if death.commits == death.at:
            death.came = True
            raise Killed

    event.listen(Session, "before_commit", strike)
    try:
        yield death
    finally:
        event.remove(Session, "before_commit", strike)


def insist(step: Callable[[], object], tenant: Tenant) -> None:
    """Do a step; if the process dies in it, start it again as a supervisor would."""
    try:
        step()
    except Killed:
        db.session.remove()
        make_all_due(tenant)
        step()


def make_all_due(tenant: Tenant) -> None:
    """As if every lease and every waiting time had run out."""
    with acting_for(tenant.id):
        for row in db.session.scalars(select(Job)):
            row.lease_until = None
        for due in db.session.scalars(select(DueJob)):
            due.due_at = clock.now()
        db.session.commit()


def run_all_jobs(app: Flask, tenant: Tenant) -> None:
    """Everything that waits, now."""
    make_all_due(tenant)
    run_due_jobs(app)
