"""Work what the relay offers, in one warm process: nothing is forked or loaded per job.

A worker ends when it is told to stop, has done its share, has grown too large or was interrupted
in a job; its parent (kernel.serving) starts the next.
"""

import resource
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from flask import Flask
from redis import Redis
from rq import Queue as Line
from rq import SimpleWorker
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.worker.base import WorkerStatus
from sqlalchemy.exc import SQLAlchemyError

from kernel import failures, jobs
from kernel.db import database_answers, db
from kernel.jobs import Claim, Queue
from kernel.log import log
from kernel.pulse import Pulse, TimeIsUp, time_limit
from kernel.relay import ForgedMessage, Message, make_queue

MAX_JOBS = 5000
MAX_MEMORY = 512 * 1024  # KiB
# Every fourth turn begins with letters, every sixteenth with sweeps, so that neither starves.
TURNS = ((16, Queue.SWEEP), (4, Queue.MAIL))
FIRST_WAIT, LONGEST_WAIT = 0.5, 3.0
Outcome = TypeVar("Outcome")


class WarmWorker(SimpleWorker):
    """rq's worker: it waits for messages, registers, and stops on signals. What runs, for how long
    and how it ended is not for Valkey to know: leases and marks are in PostgreSQL."""

    max_connection_wait_time = 5.0  # after an outage of Valkey; rq's own minute is too long
    pulse: Pulse
    turn = 0

    def execute_job(self, job: RqJob, queue: Line) -> None:  # noqa: ARG002 - rq's signature
        """Work one message. It is gone from Valkey before the work begins."""
        with self.connection.pipeline() as pipeline:
            pipeline.delete(job.key)
            self.set_state(WorkerStatus.BUSY, pipeline=pipeline)
            self.heartbeat(pipeline=pipeline)
            pipeline.execute()
        try:
            job._execute()  # noqa: SLF001 - our own Message
        except ForgedMessage:
            log.error("forged_message", rq_id=job.id)
        self.successful_job_count += 1
        if self.is_spent():
            self.stop_soon()

    def is_spent(self) -> bool:
        """Whether the next job is better done by a fresh process."""
        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return self.successful_job_count >= MAX_JOBS or size > MAX_MEMORY

    def stop_soon(self) -> None:
        """The job in hand is the last."""
        self._stop_requested = True

    @property
    def stops(self) -> bool:
        return self._stop_requested

    def reorder_queues(self, reference_queue: Line) -> None:  # noqa: ARG002 - rq's signature
        """Who waits most urgently goes first, but the others are never left out."""
        self.turn += 1
        first = next((queue for every, queue in TURNS if self.turn % every == 0), None)
        self._ordered_queues = sorted(self.queues, key=lambda line: line.name != first)

    def subscribe(self) -> None:
        """Nobody commands a worker through Valkey."""


_worker: WarmWorker | None = None
_app: Flask | None = None


def make_worker(app: Flask, connection: Redis, *, only: Sequence[Queue] = ()) -> WarmWorker:
    """The worker of this process: of these queues, or of all, the most urgent first."""
    global _worker, _app  # noqa: PLW0603 - one of each per process
    _app = app
    _worker = WarmWorker(
        [make_queue(connection, queue) for queue in only or Queue],
        connection=connection,
        job_class=Message,
        serializer=JSONSerializer,
        worker_ttl=20,
        maintenance_interval=60,
        log_job_description=False,
    )
    _worker.pulse = Pulse(app)
    return _worker


def perform(tenant_id: UUID, job_id: UUID, offer: int) -> None:
    """Run one job in a fresh application context; what it comes to is written in PostgreSQL.

    While the database is away the worker waits with the job in its hands and takes no other.
    """
    assert _app is not None, "a worker has an app"
    assert _worker is not None, "messages are worked by a worker"
    with _app.app_context():
        claimed = _insist(
            tenant_id, lambda: jobs.claim(tenant_id=tenant_id, job_id=job_id, offer=offer)
        )
        if claimed is None:
            return
        pulse = _worker.pulse
        pulse.since, pulse.claimed = time.monotonic(), claimed
        try:
            jobs.work(claimed, time_limit)
            failures.reached(tenant_id)
        except (Exception, TimeIsUp) as error:  # noqa: BLE001 - whatever it is, it is recorded
            _record(claimed, error)
            if isinstance(error, TimeIsUp):
                _worker.stop_soon()  # whatever was half done in this process is not used again
        finally:
            pulse.claimed = None


def _record(claimed: Claim, error: BaseException) -> None:
    if isinstance(error, jobs.LeaseLost):
        log.warning("lease_lost", job=claimed.name, attempts=claimed.attempts)
        return
    _insist(
        claimed.tenant_id,
        lambda: jobs.record_failure(
            tenant_id=claimed.tenant_id, job_id=claimed.id, attempt=claimed.attempts,
            error=_describe(error), cause=error,
        ),
    )  # fmt: skip


def _insist(tenant_id: UUID, step: Callable[[], Outcome]) -> Outcome | None:
    """Do a step on the database, as soon as it answers. Where it answers but not for this tenant,
    all that waits for the tenant rests, and the next message is taken."""
    wait, again = FIRST_WAIT, False
    while _worker is None or not _worker.stops:
        try:
            return step()
        except SQLAlchemyError as error:
            db.session.remove()
            log.warning("worker_waits", error=type(error).__name__)
        if database_answers():
            if again:
                with suppress(SQLAlchemyError):
                    failures.let_rest(tenant_id)
                return None
            again = True
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    return None


def _describe(error: BaseException) -> str:
    # The place, not the message: messages may quote what a shopper typed.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
