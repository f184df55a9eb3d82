"""Carry due jobs to rq's queues. rq is the engine only; PostgreSQL knows what is to be done.

Valkey may lose everything at any time, and what it remembers decides nothing: a job stays in
`due_jobs` until it is done, and an offer that was not claimed is made again under a new number.
Only so many offers stand at a time, and only so many of one shop, so that nobody waits behind
another shop's flood. A message names one job and is signed; the worker imports nothing it names.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as Line
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.beats import BEAT_SECONDS, Process, beat, relaying
from kernel.jobs import DueJob, Queue
from kernel.log import log
from kernel.settings import settings
from kernel.vault import mac, mac_fits

ENTRY = "kernel.relay.perform"  # the one function a message may name
PURPOSE = "job message"
OFFER_AGAIN = timedelta(seconds=15)
MESSAGE_TTL = 3600
POLL_SECONDS = 0.5
BUSY_SECONDS = 0.1  # while there is more than may be offered at once
LOOK_AHEAD = 100
# What may stand in one queue at a time, in all and of one shop: enough that no worker is idle.
LISTED, PER_WORKER = 20, 4
SHARE, SHARE_PER_WORKER = 4, 2


class ForgedMessage(RuntimeError):
    """A message that we did not write; nothing of it was run."""


def connect(*, wait: int = 30) -> Redis:
    """Valkey or Redis; bounded waits, so that a dead one cannot hang a process."""
    return Redis.from_url(settings().redis_url, socket_timeout=wait, socket_connect_timeout=3)


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
        from kernel.worker import perform  # the worker's side; the relay does not need it

        return perform

    def _execute(self) -> Any:
        return self.func(*read_message(self.func_name, self.kwargs))


@dataclass(frozen=True)
class Offer:
    """One job, offered for the so-manieth time."""

    tenant_id: UUID
    job_id: UUID
    number: int

    @property
    def name(self) -> str:
        return f"{self.tenant_id.hex}-{self.job_id.hex}-{self.number}"


def write_message(offer: Offer) -> dict[str, str]:
    """What travels through Valkey: two ids, a number, and a signature over them."""
    body = {"tenant": str(offer.tenant_id), "job": str(offer.job_id), "offer": str(offer.number)}
    return body | {"mac": mac("|".join(body.values()), purpose=PURPOSE)}


def read_message(name: str | None, body: Mapping[str, Any]) -> tuple[UUID, UUID, int]:
    """What a message says; raises ForgedMessage unless name and signature are ours."""
    tenant, job, offer, signature = (
        str(body.get(key, "")) for key in ("tenant", "job", "offer", "mac")
    )
    if name != ENTRY or not mac_fits(f"{tenant}|{job}|{offer}", signature, purpose=PURPOSE):
        raise ForgedMessage("message refused")
    return UUID(tenant), UUID(job), int(offer)


def make_queue(connection: Redis, queue: Queue = Queue.MAIL) -> Line:
    """One of rq's queues, with our message class and JSON."""
    return Line(queue.value, connection=connection, job_class=Message, serializer=JSONSerializer)


def relay_once(connection: Redis) -> int:
    """Offer what is due, as far as there is room; returns how many offers were made."""
    workers = int(connection.scard("rq:workers"))  # type: ignore[arg-type]  # not awaited here
    return sum(_serve(make_queue(connection, queue), queue, workers) for queue in Queue)


def _serve(line: Line, queue: Queue, workers: int) -> int:
    """Valkey is asked before and told after the transaction: no row is locked while it hangs."""
    listed = [name.split("-") for name in line.get_job_ids()]
    held = Counter(UUID(name[0]) for name in listed)
    room = max(LISTED, PER_WORKER * workers) - len(listed)
    share = max(SHARE, SHARE_PER_WORKER * workers)
    if room <= 0:
        return 0
    with relaying() as session, session.begin():
        known = {UUID(name[1]) for name in listed}
        picked, still = _pick(session, queue, known=known, held=held, room=room, share=share)
        offers = _take(session, picked)
        _wait_on(session, still)
    if offers:
        line.enqueue_many(
            [
                Line.prepare_data(
                    ENTRY, kwargs=write_message(offer), job_id=offer.name, ttl=MESSAGE_TTL,
                    timeout=MESSAGE_TTL, result_ttl=0, failure_ttl=60,
                )
                for offer in offers
            ]
        )  # fmt: skip
    return len(offers)


def _pick(
    session: Session, queue: Queue, *, known: Collection[UUID], held: Counter[UUID], room: int,
    share: int,
) -> tuple[list[UUID], list[UUID]]:  # fmt: skip
    """The jobs to offer, shops in turn and the oldest of each first; and those whose last offer
    still stands in the line."""
    picked: list[tuple[int, UUID]] = []
    seen: set[UUID] = set()
    due = select(DueJob.id, DueJob.tenant_id).where(
        DueJob.queue == queue.value, DueJob.due_at <= clock.database_now()
    )
    while len(picked) < room:
        full = [tenant_id for tenant_id, count in held.items() if count >= share]
        more = due.where(DueJob.tenant_id.not_in(full), DueJob.id.not_in(seen))
        rows = session.execute(more.order_by(DueJob.due_at).limit(LOOK_AHEAD)).all()
        if not rows:
            break
        for job_id, tenant_id in rows:
            seen.add(job_id)
            if job_id not in known and held[tenant_id] < share:
                held[tenant_id] += 1
                picked.append((held[tenant_id], job_id))
    in_turn = [job_id for _turn, job_id in sorted(picked, key=lambda one: one[0])]
    return in_turn[:room], [job_id for job_id in seen if job_id in known]


def _take(session: Session, picked: Sequence[UUID]) -> list[Offer]:
    """The offers that are made now; what another relay has taken meanwhile is left to it."""
    if not picked:
        return []
    now = clock.database_now()
    free = select(DueJob.id).where(DueJob.id.in_(picked), DueJob.due_at <= now)
    taken = session.execute(
        update(DueJob)
        .where(DueJob.id.in_(free.with_for_update(skip_locked=True)))
        .values(offers=DueJob.offers + 1, due_at=now + OFFER_AGAIN)
        .returning(DueJob.tenant_id, DueJob.id, DueJob.offers)
        .execution_options(synchronize_session=False)
    )
    made = {row[1]: Offer(*row) for row in taken}
    return [made[job_id] for job_id in picked if job_id in made]


def _wait_on(session: Session, still: Sequence[UUID]) -> None:
    if still:
        locked = select(DueJob.id).where(DueJob.id.in_(still)).with_for_update(skip_locked=True)
        session.execute(
            update(DueJob)
            .where(DueJob.id.in_(locked))
            .values(due_at=clock.database_now() + OFFER_AGAIN)
            .execution_options(synchronize_session=False)
        )


def relay_forever(connection: Redis, stop: threading.Event) -> None:
    """Offer until told to stop; an unreachable Valkey or database is waited for, and logged."""
    beaten = 0.0
    while not stop.is_set():
        try:
            if monotonic() - beaten > BEAT_SECONDS:
                with relaying() as session, session.begin():
                    beat(session, Process.RELAY)
                beaten = monotonic()
            pause = BUSY_SECONDS if relay_once(connection) else POLL_SECONDS
        except (RedisError, SQLAlchemyError) as error:
            log.warning("relay_waits", error=type(error).__name__)
            pause = 2.0
        stop.wait(pause)
