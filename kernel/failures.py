"""What becomes of a job that was not done: it rests, it dies, somebody makes it ready again."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update

from kernel import clock
from kernel.beats import relaying
from kernel.db import db, for_update, transaction
from kernel.errors import NotFound
from kernel.handlers import PermanentFailure, find_handler
from kernel.job_rows import DueJob, Job, JobState
from kernel.log import bind_job, log
from kernel.scope import acting_for, current_tenant_id


class JobNotFound(NotFound):
    code = "job_not_found"


def record_failure(
    *, tenant_id: UUID, job_id: UUID, error: str, attempt: int | None = None,
    cause: BaseException | None = None,
) -> None:  # fmt: skip
    """After a failed attempt the job rests longer each time; after the last one, or a
    PermanentFailure, it is dead. An attempt that was taken over meanwhile changes nothing."""
    with acting_for(tenant_id), bind_job(job_id), transaction() as session:
        found = session.scalars(for_update(select(Job).where(Job.id == job_id))).one_or_none()
        if found is None or found.state is not JobState.READY:
            return
        if attempt is not None and found.attempts != attempt:
            return
        handler = find_handler(found.name)
        assert handler is not None, "only a known kind is worked"
        found.failures, found.last_error, found.lease_until = found.failures + 1, error, None
        if isinstance(cause, PermanentFailure) or found.failures >= handler.tries(cause):
            bury(found, error)
        else:
            put_off(job_id, handler.wait(found.failures))
            log.warning("job_failed", job=found.name, error=error, attempts=found.attempts)


def bury(found: Job, error: str) -> None:
    """The job is dead, and the log says so: nobody takes it up unless it is made ready again."""
    found.state, found.finished_at = JobState.DEAD, clock.now()
    found.last_error, found.lease_until = error, None
    forget_due(found.id)
    log.error("job_dead", job=found.name, error=error, attempts=found.attempts)


def retry_job(*, job_id: UUID) -> None:
    """A dead job becomes ready again, with all its tries before it. Refused unless it is dead."""
    with transaction() as session:
        found = session.scalars(for_update(select(Job).where(Job.id == job_id))).one_or_none()
        if found is None or found.state is not JobState.DEAD:
            raise JobNotFound
        found.state, found.failures, found.finished_at = JobState.READY, 0, None
        now = clock.database_now()
        session.add(
            DueJob(
                id=job_id, tenant_id=current_tenant_id(), queue=found.queue,
                due_at=now, first_due_at=now,
            )
        )  # fmt: skip


def put_off(job_id: UUID, wait: timedelta) -> None:
    """The relay leaves the job alone for so long."""
    due_at = clock.database_now() + wait
    write(update(DueJob).where(DueJob.id == job_id).values(due_at=due_at))


def write(statement: Any) -> Any:
    """One statement, without looking for the rows among those already read."""
    return db.session.execute(statement, execution_options={"synchronize_session": False})


def forget_due(job_id: UUID) -> None:
    """The relay has nothing to hand over."""
    write(delete(DueJob).where(DueJob.id == job_id))


FIRST_REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=15)
_rests: Counter[UUID] = Counter()


def let_rest(tenant_id: UUID) -> None:
    """A tenant whose rows cannot be reached is left alone for a while, longer each time in a row,
    so that its jobs hold up nobody else's. Only the platform's own table is written."""
    rest = min(FIRST_REST * 2 ** min(_rests[tenant_id], 10), LONGEST_REST)
    _rests[tenant_id] += 1
    until = clock.database_now() + rest
    with relaying() as session, session.begin():
        session.execute(
            update(DueJob)
            .where(DueJob.tenant_id == tenant_id)
            .values(due_at=func.greatest(DueJob.due_at, until))
            .execution_options(synchronize_session=False)
        )
    log.error("tenant_rests", tenant_id=str(tenant_id), seconds=int(rest.total_seconds()))


def reached(tenant_id: UUID) -> None:
    """The tenant's rows can be reached again."""
    _rests.pop(tenant_id, None)
