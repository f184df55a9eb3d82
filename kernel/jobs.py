"""Jobs belong to PostgreSQL: what is to be done, who has it, and the mark that it is done.

A job is claimed by lease and marked done in the transaction of its effect. Whatever dies in
between, the lease runs out and the job is offered again; a mark from an old lease is refused.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, get_type_hints, overload
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base, db, for_update, transaction
from kernel.errors import NotFound
from kernel.log import bind_job, log
from kernel.scope import TenantOwned, acting_for, current_tenant_id

LEASE = timedelta(seconds=40)
TIME_LIMIT = timedelta(seconds=35)  # a handler is stopped before its lease runs out
HOUR = 3600
# Nearly two and a half days: a mail server or Stripe may be away over a weekend.
MAX_ATTEMPTS = 20
BACKOFF = [5, 15, 30, 60, 120, 300, 600, 1800, HOUR, 3 * HOUR, 6 * HOUR]


class JobState(StrEnum):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"


class Job(TenantOwned, Base):
    """One thing to be done for one tenant because of one announcement."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "tenant_id", "state", "created_at"),)

    announcement_id: Mapped[UUID | None]
    name: Mapped[str]
    facts: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.READY)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class DueJob(Base):
    """Hand-over to the relay: ids and times, no content. Local to the platform, not distributed."""

    __tablename__ = "due_jobs"

    tenant_id: Mapped[UUID]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class LeaseLost(RuntimeError):
    """Another worker has taken this job over; this one's effect is undone."""


class PermanentFailure(RuntimeError):
    """Raised by a handler whose work can never succeed: the job is dead at once, and said so."""


class JobNotFound(NotFound):
    code = "job_not_found"


class Queue(StrEnum):
    """Who waits for the work: someone before a page, someone for a letter, or nobody."""

    URGENT = "urgent"
    MAIL = "mail"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Handler:
    """A registered function; only these are ever run."""

    name: str
    run: Callable[..., None]
    network: bool
    queue: Queue = Queue.MAIL

    def __call__(self, **facts: object) -> None:
        self.run(**facts)


class Registration(Protocol):
    """What @job and @network_job are, with and without arguments."""

    @overload
    def __call__(self, function: Callable[..., None], /) -> Handler: ...

    @overload
    def __call__(self, /, *, queue: str = ...) -> Callable[[Callable[..., None]], Handler]: ...


_subscriptions: Mapping[str, Sequence[Handler]] = {}
_handlers: dict[str, Handler] = {}
_running: ContextVar[tuple[UUID, int] | None] = ContextVar("running_job", default=None)


def _registration(*, network: bool) -> Registration:
    def decorate(function: Callable[..., None] | None = None, /, *, queue: str = "mail") -> Any:
        if function is None:
            return partial(decorate, queue=queue)
        name = f"{function.__module__}.{function.__name__}"
        return Handler(name, function, network, Queue(queue))

    return decorate


# A handler that only touches the database: its effect and its mark are one transaction.
job = _registration(network=False)
# A handler that calls out: it opens its own transactions, complete_job() in the last one.
network_job = _registration(network=True)


def install(subscriptions: Mapping[str, Sequence[Handler]]) -> None:
    """Make this the table of who listens to what; wsgi.py holds it."""
    global _subscriptions  # noqa: PLW0603 - the one table of the process
    _subscriptions = subscriptions
    _handlers.clear()
    _handlers.update({h.name: h for handlers in subscriptions.values() for h in handlers})


def subscribers(topic: str) -> Sequence[Handler]:
    """Who listens to a topic; an unknown topic is a mistake in the code."""
    assert topic in _subscriptions, f"topic {topic} is not in wsgi.SUBSCRIPTIONS"
    return _subscriptions[topic]


def run(*, tenant_id: UUID, job_id: UUID) -> bool:
    """Do one job of one tenant, if nobody else has it; says whether it was done here."""
    with acting_for(tenant_id), bind_job(job_id):
        claimed = _claim(job_id)
        if claimed is None:
            return False
        handler = _handlers[claimed.name]
        facts = _typed(handler, claimed.facts)
        with _as_running(claimed):
            if handler.network:
                handler(**facts)
                assert _running.get() is None, f"{handler.name} must call complete_job()"
            else:
                with transaction():
                    handler(**facts)
                    complete_job()
        log.info("job_done", job=claimed.name, attempts=claimed.attempts)
        return True


def _claim(job_id: UUID) -> Job | None:
    with transaction() as session:
        found = session.scalars(
            for_update(select(Job).where(Job.id == job_id), skip_locked=True)
        ).one_or_none()
        now = clock.now()
        if found is None or found.state is not JobState.READY:
            return None
        if found.lease_until is not None and found.lease_until > now:
            return None
        if found.attempts >= MAX_ATTEMPTS:
            _bury(found, "WorkerLost")  # whoever takes it up does not live to say why
            return None
        found.attempts += 1
        found.lease_until = now + LEASE
        due = session.get(DueJob, job_id)
        if due is not None:
            due.due_at, due.attempts = found.lease_until, found.attempts
        return found


@contextmanager
def _as_running(claimed: Job) -> Iterator[None]:
    token = _running.set((claimed.id, claimed.attempts))
    try:
        yield
    finally:
        _running.reset(token)


def in_job() -> bool:
    """Whether a worker's job is running here, and no person waits."""
    return _running.get() is not None


def complete_job() -> None:
    """Mark the running job done in the open transaction; raises LeaseLost if it was taken over."""
    running = _running.get()
    if running is None:
        return  # called outside a worker: a test or a command runs the handler by hand
    job_id, attempt = running
    session = db.session()
    found = session.scalars(for_update(select(Job).where(Job.id == job_id))).one()
    if found.state is not JobState.READY or found.attempts != attempt:
        raise LeaseLost(found.name)
    found.state, found.finished_at, found.lease_until = JobState.DONE, clock.now(), None
    found.last_error = None
    _forget_due(job_id)
    _running.set(None)


def _forget_due(job_id: UUID) -> None:
    session = db.session()
    due = session.get(DueJob, job_id)
    if due is not None:
        session.delete(due)


def record_failure(*, tenant_id: UUID, job_id: UUID, error: str, permanent: bool = False) -> None:
    """After a failed attempt the job waits longer each time; after the last one, or one that is
    permanent, it is dead."""
    with acting_for(tenant_id), transaction() as session:
        found = session.scalars(for_update(select(Job).where(Job.id == job_id))).one_or_none()
        if found is None or found.state is not JobState.READY:
            return
        found.last_error, found.lease_until = error, None
        if permanent or found.attempts >= MAX_ATTEMPTS:
            _bury(found, error)
            return
        due = session.get(DueJob, job_id)
        assert due is not None, "a ready job is always due some time"
        wait = BACKOFF[min(found.attempts, len(BACKOFF)) - 1]
        due.due_at = clock.now() + timedelta(seconds=wait)
        log.warning("job_failed", job=found.name, error=error, attempts=found.attempts)


def _bury(found: Job, error: str) -> None:
    found.state, found.finished_at = JobState.DEAD, clock.now()
    found.last_error, found.lease_until = error, None
    _forget_due(found.id)
    log.error("job_dead", job=found.name, error=error)


def retry_job(*, job_id: UUID) -> None:
    """A dead job becomes ready again, from its first attempt. Refused unless it is dead."""
    with transaction() as session:
        found = session.scalars(for_update(select(Job).where(Job.id == job_id))).one_or_none()
        if found is None or found.state is not JobState.DEAD:
            raise JobNotFound
        found.state, found.attempts, found.finished_at = JobState.READY, 0, None
        session.add(DueJob(id=job_id, tenant_id=current_tenant_id(), due_at=clock.now()))


def _typed(handler: Handler, facts: Mapping[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(handler.run)
    names = inspect.signature(handler.run).parameters
    return {
        name: UUID(facts[name]) if hints[name] is UUID else facts[name]
        for name in names
        if name in facts
    }
