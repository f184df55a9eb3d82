"""Facts other rooms may react to, written in the same transaction as the change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base, db, in_transaction, new_id
from kernel.jobs import DueJob, Job, Queue, subscribers
from kernel.scope import PLATFORM_ID, TenantOwned, current_tenant_id


class Announcement(TenantOwned, Base):
    """Something that happened, by name and ids; never a copy of what it is about."""

    __tablename__ = "announcements"

    topic: Mapped[str]
    facts: Mapped[dict[str, Any]]
    announced_at: Mapped[datetime] = mapped_column(default=clock.now)


class Watch(Base):
    """Until when the clock tells a shop of a topic. Local to the platform, like `due_jobs`."""

    __tablename__ = "watches"
    __table_args__ = (UniqueConstraint("topic", "tenant_id"),)

    tenant_id: Mapped[UUID]
    topic: Mapped[str]
    until: Mapped[datetime]


WORK_IS_OVER = "work.over"
FORGOTTEN = timedelta(days=40)  # a month after it was done, at the latest
SLACK = timedelta(days=1)  # so that a busy shop writes its watch once a day, not with every order


def announce(
    topic: str,
    /,
    *,
    due_at: datetime | None = None,
    queue: Queue | None = None,
    **facts: UUID | str | int,
) -> None:
    """Tell everyone who subscribed to the topic, once this transaction commits and is due. Who
    waits for it is known by the handler's kind, unless this very news says otherwise.

    Refused: outside transaction(), and a topic that wsgi.SUBSCRIPTIONS does not list.
    """
    assert in_transaction(), "announce only inside transaction()"
    session = db.session()
    plain = {key: fact if isinstance(fact, int) else str(fact) for key, fact in facts.items()}
    announcement = Announcement(topic=topic, facts=plain)
    session.add(announcement)
    _see_to_forgetting()
    due = clock.database_now()
    if due_at is not None:
        due = due + (due_at - clock.now())
    for handler in subscribers(topic):
        line = (queue or handler.queue).value
        job = Job(announcement_id=announcement.id, name=handler.name, facts=plain, queue=line)
        session.add(job)
        session.add(
            DueJob(
                id=job.id, tenant_id=current_tenant_id(), queue=line, due_at=due, first_due_at=due
            )
        )


def _see_to_forgetting() -> None:
    """A shop with work has some to forget later; once per transaction is enough."""
    session = db.session()
    if current_tenant_id() != PLATFORM_ID and session.info.get("watch") is not (
        begun := session.get_transaction()
    ):
        session.info["watch"] = begun
        _watch(WORK_IS_OVER, clock.now() + FORGOTTEN)


def keep_watch(topic: str, until: datetime) -> None:
    """The clock announces this topic to the shop acted for at least until then, at most a day
    longer. A watch is never shortened.

    Refused: outside transaction(), and a topic that wsgi.SUBSCRIPTIONS does not list.
    """
    assert in_transaction(), "keep watch only inside transaction()"
    subscribers(topic)
    _watch(topic, until)


def _watch(topic: str, until: datetime) -> None:
    session, tenant_id = db.session(), current_tenant_id()
    kept = select(Watch.until).where(Watch.topic == topic, Watch.tenant_id == tenant_id)
    known = session.scalars(kept).one_or_none()
    if known is not None and known >= until:
        return
    row = insert(Watch).values(id=new_id(), tenant_id=tenant_id, topic=topic, until=until + SLACK)
    longest = func.greatest(Watch.until, row.excluded.until)
    session.execute(
        row.on_conflict_do_update(index_elements=["topic", "tenant_id"], set_={"until": longest})
    )
