"""Jobs belong to PostgreSQL: what is to be done, who has it, and the mark that it is done.

A job is claimed by lease and marked done in the transaction of its effect. Whatever dies in
between, the lease runs out and the job is offered again; a mark from an old lease is refused.
Leases and due times are by the database's clock, which all machines share.
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, get_type_hints
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from kernel import clock
from kernel.db import db, for_update, statement_timeout, transaction
from kernel.failures import JobNotFound, bury, forget_due, put_off, record_failure, retry_job, write
from kernel.handlers import (
    BACKOFF,
    MAX_ATTEMPTS,
    TIME_LIMIT,
    Handler,
    PermanentFailure,
    Queue,
    find_handler,
    install,
    job,
    network_job,
    subscribers,
)
from kernel.job_rows import DueJob, Job, JobState
from kernel.log import bind_job, log
from kernel.scope import acting_for, current_tenant_id

# What other rooms need to know of jobs, in one place.
__all__ = [
    "BACKOFF", "MAX_ATTEMPTS", "TIME_LIMIT", "DueJob", "Handler", "Job", "JobNotFound", "JobState",
    "PermanentFailure", "Queue", "install", "job", "network_job", "record_failure", "retry_job",
    "subscribers",
]  # fmt: skip

LEASE = timedelta(seconds=30)  # renewed by the worker while the handler runs
UNKNOWN_WAITS = timedelta(seconds=30)


class LeaseLost(RuntimeError):
    """Another worker has taken this job over; this one's effect is undone."""


@dataclass(frozen=True)
class Claim:
    """One worker's right to one job, for as long as the lease is renewed."""

    tenant_id: UUID
    id: UUID
    name: str
    facts: Mapping[str, Any]
    attempts: int

    @property
    def handler(self) -> Handler:
        found = find_handler(self.name)
        assert found is not None, "only a known kind is claimed"
        return found


class Limit(Protocol):
    """What stops a handler that takes longer than it may; a worker brings its own."""

    def __call__(self, time: timedelta, /) -> AbstractContextManager[None]: ...


_running: ContextVar[Claim | None] = ContextVar("running_job", default=None)


def run(*, tenant_id: UUID, job_id: UUID) -> bool:
    """Do one job of one tenant, if nobody else has it; says whether it was done here."""
    claimed = claim(tenant_id=tenant_id, job_id=job_id)
    if claimed is not None:
        work(claimed)
    return claimed is not None


def claim(*, tenant_id: UUID, job_id: UUID, offer: int | None = None) -> Claim | None:
    """The right to do a job; None when it is done, taken, resting, or offered anew since."""
    with acting_for(tenant_id), bind_job(job_id):
        return _claim(job_id) if offer is None else _claim(job_id, offer)


def work(claimed: Claim, limit: Limit = lambda _time: nullcontext()) -> None:
    """Run the handler of a claimed job and mark it done with its effect; a failure is raised."""
    handler = claimed.handler
    with acting_for(claimed.tenant_id), bind_job(claimed.id), _as_running(claimed):
        with limit(handler.time_limit), statement_timeout(handler.statement_timeout):
            facts = _typed(handler, claimed.facts)
            if handler.network:
                handler(**facts)
                assert _running.get() is None, f"{handler.name} must call complete_job()"
            else:
                with transaction():
                    handler(**facts)
                    complete_job()
        log.info("job_done", job=claimed.name, attempts=claimed.attempts)


def _claim(job_id: UUID, offer: int | None = None) -> Claim | None:
    now = clock.database_now()
    with transaction() as session:
        asked: Any = select(Job, Job.lease_until > now).where(Job.id == job_id)
        row = session.execute(for_update(asked, skip_locked=True)).one_or_none()
        if row is None or row[0].state is not JobState.READY or row[1]:
            return None
        found: Job = row[0]
        if offer is not None and not _is_newest(job_id, offer):
            return None
        handler = find_handler(found.name)
        if handler is None:  # announced by a newer release; its own workers will take it
            log.warning("job_unknown", job=found.name)
            put_off(job_id, UNKNOWN_WAITS)
            return None
        if found.lease_until is not None and not _is_worth_a_try(found, handler):
            return None
        attempt = found.attempts + 1
        _lease(job_id, attempt)
        return Claim(current_tenant_id(), job_id, found.name, found.facts, attempt)


def _is_newest(job_id: UUID, offer: int) -> bool:
    asked = select(DueJob.id).where(DueJob.id == job_id, DueJob.offers == offer)
    return db.session.scalars(asked).one_or_none() is not None


def _is_worth_a_try(found: Job, handler: Handler) -> bool:
    """Whoever had it did not live to say why. Once that is bad luck; then the job rests longer
    each time, and dies in the end."""
    found.failures, found.last_error = found.failures + 1, "WorkerLost"
    log.warning("job_failed", job=found.name, error="WorkerLost", attempts=found.attempts)
    if found.failures >= handler.max_attempts:
        bury(found, "WorkerLost")
    elif found.failures > 1:
        found.lease_until = None
        put_off(found.id, handler.wait(found.failures - 1))
    return found.failures == 1


def _lease(job_id: UUID, attempt: int) -> None:
    until = clock.database_now() + LEASE
    write(update(Job).where(Job.id == job_id).values(attempts=attempt, lease_until=until))
    write(update(DueJob).where(DueJob.id == job_id).values(due_at=until))


@contextmanager
def _as_running(claimed: Claim) -> Iterator[None]:
    token = _running.set(claimed)
    try:
        yield
    finally:
        _running.reset(token)


def in_job() -> bool:
    """Whether a worker's job is running here, and no person waits."""
    return _running.get() is not None


def renew_lease(claimed: Claim) -> None:
    """The claim holds for another lease, unless it was lost or the job is over."""
    until = clock.database_now() + LEASE
    with acting_for(claimed.tenant_id), transaction():
        renewed = update(Job).where(*_is_ours(claimed)).values(lease_until=until).returning(Job.id)
        if write(renewed).one_or_none() is not None:
            write(update(DueJob).where(DueJob.id == claimed.id).values(due_at=until))


def _is_ours(claimed: Claim) -> list[ColumnElement[bool]]:
    return [
        Job.id == claimed.id, Job.state == JobState.READY, Job.attempts == claimed.attempts,
        Job.lease_until.is_not(None),
    ]  # fmt: skip


def complete_job() -> None:
    """Mark the running job done in the open transaction; raises LeaseLost if it was taken over."""
    claimed = _running.get()
    if claimed is None:
        return  # called outside a worker: a test or a command runs the handler by hand
    done = update(Job).where(*_is_ours(claimed)).returning(Job.id)
    marks = {"state": JobState.DONE, "finished_at": clock.now(), "lease_until": None}
    if write(done.values(last_error=None, **marks)).one_or_none() is None:
        raise LeaseLost(claimed.name)
    forget_due(claimed.id)
    _running.set(None)


def _typed(handler: Handler, facts: Mapping[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(handler.run)
    names = inspect.signature(handler.run).parameters
    return {
        name: UUID(facts[name]) if hints[name] is UUID else facts[name]
        for name in names
        if name in facts
    }
