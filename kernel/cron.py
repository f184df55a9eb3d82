"""Put periodic work on the list, by the clock and once. The clock itself walks no shops.

A tick writes one line for the whole platform. What concerns shops is carried on by a job of the
platform, in batches and only to shops that keep a watch; a shop that cannot be reached is asked
again later and holds nobody else up.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from croniter import croniter
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.beats import BEAT_SECONDS, Process, beat, relaying
from kernel.db import Base, db, new_id, transaction
from kernel.jobs import Job, JobState, complete_job, network_job, subscribers
from kernel.log import log
from kernel.outbox import Announcement, Watch, announce
from kernel.scope import PLATFORM_ID, TenantOwned, acting_for, current_tenant_id

CRON_LOCK = 0x53_48_45_41_46
POLL_SECONDS = 5
CATCH_UP = timedelta(hours=25)
BATCH = 100
FIRST_REST = timedelta(minutes=1)  # then twice as long each time
ROUNDS = 6
BATCH_TIME = timedelta(minutes=5)


class CronSlot(TenantOwned, Base):
    """One tick of one periodic task for one tenant: however often it fires, it counts once."""

    __tablename__ = "cron_slots"
    __table_args__ = (UniqueConstraint("tenant_id", "topic", "slot"),)

    topic: Mapped[str]
    slot: Mapped[datetime] = mapped_column()


@dataclass(frozen=True)
class Periodic:
    """A topic on a cron line (UTC): for the platform itself, or for the shops that watch for it.

    To shops it is announced, spread over so many minutes; or one job does it for many of them,
    where it is short and touches the database only.
    """

    topic: str
    cron: str
    platform: bool = False
    in_batches: bool = False
    spread: timedelta = timedelta()


def tick(
    table: Iterable[Periodic], since: datetime, struck: dict[str, datetime] | None = None
) -> int:
    """Announce every slot between `since` and now that nobody has announced; safe to repeat.
    `struck` remembers what this process knows to be announced, and spares the question."""
    made, known = 0, {} if struck is None else struck
    for task in table:
        slot = croniter(task.cron, clock.now()).get_prev(datetime)
        if slot <= since or known.get(task.topic) == slot:
            continue
        try:
            made += _strike(task, slot)
        except SQLAlchemyError as error:
            log.warning("cron_waits", topic=task.topic, error=type(error).__name__)
            db.session.remove()
        else:
            known[task.topic] = slot
    return made


def _strike(task: Periodic, slot: datetime) -> bool:
    with acting_for(PLATFORM_ID), transaction():
        if not _is_first(task.topic, slot):
            return False
        if task.platform:
            announce(task.topic)
        else:
            kind = "clock.swept" if task.in_batches else "clock.struck"
            spread = task.spread // timedelta(seconds=1)
            announce(kind, topic=task.topic, slot=slot.isoformat(), spread=spread)
        return True


def _is_first(topic: str, slot: datetime) -> bool:
    row = insert(CronSlot).values(
        topic=topic, slot=slot, id=new_id(), tenant_id=current_tenant_id()
    )
    taken = db.session.scalars(row.on_conflict_do_nothing().returning(CronSlot.id))
    return taken.one_or_none() is not None


@network_job(queue="sweep", time_limit=BATCH_TIME)
def tell_shops(
    *, topic: str, slot: str, spread: int = 0, after: str = "", only: str = "", rounds: int = 0
) -> None:
    """Every shop that keeps a watch is told of a topic, once for this slot of the clock."""

    def tell(shop: UUID) -> None:
        with acting_for(shop), transaction():
            if _is_first(topic, datetime.fromisoformat(slot)):
                wait = timedelta(seconds=shop.int % spread if spread else 0)
                announce(topic, due_at=clock.now() + wait)

    batch = _Batch("clock.struck", topic, slot, spread, after, only, rounds)
    batch.carry_out(tell)


@network_job(queue="sweep", time_limit=BATCH_TIME)
def sweep_shops(
    *, topic: str, slot: str, spread: int = 0, after: str = "", only: str = "", rounds: int = 0
) -> None:
    """What listens to a topic is done for every shop that keeps a watch, each in its own scope."""

    def sweep(shop: UUID) -> None:
        for handler in subscribers(topic):
            assert not handler.network, "a batch is for what touches the database only"
            with acting_for(shop), transaction():
                handler()

    batch = _Batch("clock.swept", topic, slot, spread, after, only, rounds)
    batch.carry_out(sweep)


@dataclass(frozen=True)
class _Batch:
    """Some of the shops that watch for a topic; the rest, and who was not reached, come later."""

    kind: str
    topic: str
    slot: str
    spread: int
    after: str
    only: str
    rounds: int

    def carry_out(self, deed: Callable[[UUID], None]) -> None:
        shops = [UUID(one) for one in self.only.split(",") if one] or self._watching()
        missed = [shop for shop in shops if not self._reaches(shop, deed)]
        with transaction():
            if not self.only and len(shops) == BATCH:
                self._announce(after=str(shops[-1]))
            if missed and self.rounds < ROUNDS:
                rest = clock.now() + FIRST_REST * 2**self.rounds
                only = ",".join(map(str, missed))
                self._announce(due_at=rest, only=only, rounds=self.rounds + 1)
            complete_job()
        if missed:
            log.error("shops_missed", topic=self.topic, count=len(missed), rounds=self.rounds)

    def _watching(self) -> Sequence[UUID]:
        asked = select(Watch.tenant_id).where(Watch.topic == self.topic, Watch.until > clock.now())
        if self.after:
            asked = asked.where(Watch.tenant_id > UUID(self.after))
        with relaying() as session:
            return session.scalars(asked.order_by(Watch.tenant_id).limit(BATCH)).all()

    def _reaches(self, shop: UUID, deed: Callable[[UUID], None]) -> bool:
        try:
            deed(shop)
        except Exception as error:  # noqa: BLE001 - one shop's trouble is not the others'
            log.warning("shop_missed", topic=self.topic, error=type(error).__name__)
            return False
        return True

    def _announce(
        self, *, due_at: datetime | None = None, after: str = "", only: str = "", rounds: int = 0
    ) -> None:
        announce(
            self.kind, due_at=due_at, topic=self.topic, slot=self.slot, spread=self.spread,
            after=after, only=only, rounds=rounds,
        )  # fmt: skip


def tick_forever(table: Iterable[Periodic], stop: threading.Event) -> None:
    """Lead while the database lets us, and announce what is due by the clock; a second process
    waits for the first to end. A database that is away is waited for."""
    struck: dict[str, datetime] = {}
    while not stop.is_set():
        try:
            with db.engine.connect() as leader:
                lock = f"SELECT pg_try_advisory_lock({CRON_LOCK})"
                leads = leader.execution_options(isolation_level="AUTOCOMMIT")
                while not leads.exec_driver_sql(lock).scalar() and not stop.is_set():
                    stop.wait(POLL_SECONDS)
                beaten = 0.0
                while not stop.is_set():
                    leads.exec_driver_sql("SELECT 1")  # without this connection nobody leads
                    if monotonic() - beaten > BEAT_SECONDS:
                        _beat()
                        beaten = monotonic()
                    made = tick(table, clock.now() - CATCH_UP, struck)
                    if made:
                        log.info("cron_announced", count=made)
                    stop.wait(POLL_SECONDS)
        except SQLAlchemyError as error:
            log.warning("cron_waits", error=type(error).__name__)
            db.session.remove()
            stop.wait(POLL_SECONDS)


def _beat() -> None:
    with acting_for(PLATFORM_ID), transaction() as session:
        beat(session, Process.CRON)


def forget_finished_work(*, before: datetime, at_most: int) -> None:
    """Jobs done before this instant, what announced them and the clock's slots are gone, at most
    so many of each. What is ready or dead stays, with its announcement."""
    waiting = select(Job.id).where(Job.announcement_id == Announcement.id).exists()
    for kind, over in (
        (Job, [Job.state == JobState.DONE, Job.finished_at < before]),
        (Announcement, [Announcement.announced_at < before, ~waiting]),
        (CronSlot, [CronSlot.slot < before]),
    ):
        with transaction() as session:
            old = session.scalars(select(kind.id).where(*over).limit(at_most)).all()
            session.execute(delete(kind).where(kind.id.in_(old), *over))
