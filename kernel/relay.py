"""Carry due jobs to rq, work them, and put periodic ones on the list. rq is the engine only.

Valkey may lose everything at any time: a job stays in `due_jobs` until it is done and is offered
again. A message names one job and is signed; the worker imports nothing that a message names.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from croniter import croniter
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock, jobs, outage
from kernel.db import Base, db, new_id, transaction
from kernel.jobs import DueJob, Job
from kernel.log import log
from kernel.outbox import Announcement, announce
from kernel.scope import PLATFORM_ID, TenantOwned, acting_for, current_tenant_id
from kernel.settings import settings
from kernel.vault import mac, mac_fits

QUEUE = "sheaf"
ENTRY = "kernel.relay.perform"  # the one function a message may name
PURPOSE = "job message"
OFFER_AGAIN = timedelta(seconds=15)
BATCH = 100
POLL_SECONDS = 0.5
CRON_LOCK = 0x53_48_45_41_46


class ForgedMessage(RuntimeError):
    """A message that we did not write; nothing of it was run."""


def connect() -> Redis:
    """Valkey or Redis; bounded waits, so that a dead one cannot hang a process."""
    return Redis.from_url(settings().redis_url, socket_timeout=30, socket_connect_timeout=3)


class Message(RqJob):
    """An rq job that can do one thing only: run one of our jobs, if the signature is ours."""

    success_callback = failure_callback = stopped_callback = None  # never from a message

    @property
    def webhooks(self) -> list[Any]:  # a message cannot make us call out
        return []

    @webhooks.setter
    def webhooks(self, _value: object) -> None:
        return

    @property
    def func(self) -> Callable[..., Any]:
        return perform

    def _execute(self) -> Any:
        tenant_id, job_id = read_message(self.func_name, self.kwargs)
        return perform(tenant_id, job_id)


def write_message(tenant_id: UUID, job_id: UUID) -> dict[str, str]:
    """What travels through Valkey: two ids and a signature over both."""
    signature = mac(f"{tenant_id}|{job_id}", purpose=PURPOSE)
    return {"tenant": str(tenant_id), "job": str(job_id), "mac": signature}


def read_message(name: str | None, body: Mapping[str, Any]) -> tuple[UUID, UUID]:
    """The ids in a message; raises ForgedMessage unless name and signature are ours."""
    tenant, job, signature = (str(body.get(key, "")) for key in ("tenant", "job", "mac"))
    if name != ENTRY or not mac_fits(f"{tenant}|{job}", signature, purpose=PURPOSE):
        raise ForgedMessage("message refused")
    return UUID(tenant), UUID(job)


_app: Flask | None = None
_worker_pid = 0


def perform(tenant_id: UUID, job_id: UUID) -> None:
    """Run one job in a fresh application context of the worker's app."""
    assert _app is not None, "a worker has an app"
    with _app.app_context():
        if os.getpid() != _worker_pid:
            for engine in db.engines.values():
                engine.dispose(close=False)  # connections inherited over fork are the parent's
        jobs.run(tenant_id=tenant_id, job_id=job_id)


def _record(
    message: RqJob, kind: type[BaseException], error: BaseException, _trace: object
) -> bool:
    if isinstance(error, ForgedMessage):
        log.error("forged_message", rq_id=message.id)
        return False
    tenant_id, job_id = read_message(message.func_name, message.kwargs)
    assert _app is not None, "a worker has an app"
    with _app.app_context():
        jobs.record_failure(
            tenant_id=tenant_id,
            job_id=job_id,
            error=_describe(kind, error),
            permanent=isinstance(error, jobs.PermanentFailure),
        )
    return False


def _describe(kind: type[BaseException], error: BaseException) -> str:
    # The place, not the message: messages may quote what a shopper typed.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{kind.__name__}{place}"


def make_worker(app: Flask, connection: Redis, *, burst_name: str | None = None) -> Worker:
    """rq's own worker, bound to our messages and to JSON."""
    global _app, _worker_pid
    _app, _worker_pid = app, os.getpid()
    return Worker(
        [make_queue(connection)],
        connection=connection,
        job_class=Message,
        serializer=JSONSerializer,
        exception_handlers=[_record],
        disable_default_exception_handler=True,
        default_result_ttl=0,
        worker_ttl=20,
        maintenance_interval=5,
        log_job_description=False,
        name=burst_name,
    )


def make_queue(connection: Redis) -> Queue:
    """The one queue, with our message class and JSON."""
    return Queue(QUEUE, connection=connection, job_class=Message, serializer=JSONSerializer)


def relay_once(connection: Redis) -> int:
    """Offer every due job to rq; a job that is not claimed is offered again. Returns how many."""
    queue = make_queue(connection)
    with (
        Session(db.engines["relay"], info={"reads_across_tenants": True}) as session,
        session.begin(),
    ):
        due = session.scalars(
            select(DueJob)
            .where(DueJob.due_at <= clock.now())
            .order_by(DueJob.due_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for row in due:
            _offer(queue, row)
            row.due_at = clock.now() + OFFER_AGAIN
    return len(due)


def _offer(queue: Queue, row: DueJob) -> None:
    try:
        queue.enqueue_call(
            ENTRY,
            kwargs=write_message(row.tenant_id, row.id),
            job_id=f"{row.id}-{row.attempts}",
            unique=True,
            timeout=int(jobs.TIME_LIMIT.total_seconds()),
            result_ttl=0,
            failure_ttl=60,
        )
    except DuplicateJobError:
        return  # still waiting in the queue


def relay_forever(connection: Redis, stop: threading.Event) -> None:
    """Offer until told to stop; an unreachable Valkey or database is waited for, and logged."""
    while not stop.is_set():
        try:
            busy = relay_once(connection) == BATCH
        except (RedisError, *outage.KINDS) as error:
            log.warning("relay_waits", error=type(error).__name__)
            busy = False
            stop.wait(2)
        if not busy:
            stop.wait(POLL_SECONDS)


class CronSlot(TenantOwned, Base):
    """One tick of one periodic task for one tenant: however often it fires, it counts once."""

    __tablename__ = "cron_slots"
    __table_args__ = (UniqueConstraint("tenant_id", "topic", "slot"),)

    topic: Mapped[str]
    slot: Mapped[datetime] = mapped_column()


@dataclass(frozen=True)
class Periodic:
    """A topic announced on a cron line (UTC), for every shop or for the platform itself."""

    topic: str
    cron: str
    platform: bool = False


def tick(table: Iterable[Periodic], list_tenants: Callable[[], list[UUID]], since: datetime) -> int:
    """Announce every slot between `since` and now that no one has announced; safe to repeat."""
    made = 0
    for task in table:
        slot = croniter(task.cron, clock.now()).get_prev(datetime)
        if slot <= since:
            continue
        for tenant_id in [PLATFORM_ID] if task.platform else list_tenants():
            with acting_for(tenant_id), transaction() as session:
                row = {"id": new_id(), "tenant_id": current_tenant_id()}
                taken = session.scalars(
                    insert(CronSlot)
                    .values(topic=task.topic, slot=slot, **row)
                    .on_conflict_do_nothing()
                    .returning(CronSlot.id)
                ).one_or_none()
                if taken is not None:
                    announce(task.topic)
                    made += 1
    return made


def forget_finished_work(*, before: datetime, at_most: int) -> None:
    """Jobs done before this instant, what announced them and the clock's slots are gone, at most
    so many of each. What is ready or dead stays, with its announcement."""
    waiting = select(Job.id).where(Job.announcement_id == Announcement.id).exists()
    for kind, over in (
        (Job, [Job.state == jobs.JobState.DONE, Job.finished_at < before]),
        (Announcement, [Announcement.announced_at < before, ~waiting]),
        (CronSlot, [CronSlot.slot < before]),
    ):
        with transaction() as session:
            old = session.scalars(select(kind.id).where(*over).limit(at_most)).all()
            session.execute(delete(kind).where(kind.id.in_(old), *over))
