"""Facts other rooms may react to, written in the same transaction as the change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base, db, in_transaction, new_id
from kernel.jobs import DueJob, Job, subscribers
from kernel.scope import TenantOwned, current_tenant_id


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


SLACK = timedelta(days=1)  # so that a busy shop writes its watch once a day, not with every order


def announce(topic: str, *, due_at: datetime | None = None, **facts: UUID | str | int) -> None:
    """Tell everyone who subscribed to the topic, once this transaction commits and is due.

    Refused: outside transaction(), and a topic that wsgi.SUBSCRIPTIONS does not list.
    """
    assert in_transaction(), "announce only inside transaction()"
    session = db.session()
    plain = {key: fact if isinstance(fact, int) else str(fact) for key, fact in facts.items()}
    announcement = Announcement(topic=topic, facts=plain)
    session.add(announcement)
    for handler in subscribers(topic):
        job = Job(announcement_id=announcement.id, name=handler.name, facts=plain)
        session.add(job)
        session.add(DueJob(id=job.id, tenant_id=current_tenant_id(), due_at=due_at or clock.now()))


def keep_watch(topic: str, until: datetime) -> None:
    """The clock announces this topic to the shop acted for at least until then, at most a day
    longer. A watch is never shortened.

    Refused: outside transaction(), and a topic that wsgi.SUBSCRIPTIONS does not list.
    """
    assert in_transaction(), "keep watch only inside transaction()"
    subscribers(topic)
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
