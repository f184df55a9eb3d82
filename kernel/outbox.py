"""Facts other rooms may react to, written in the same transaction as the change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base, db, in_transaction
from kernel.jobs import DueJob, Job, subscribers
from kernel.scope import TenantOwned, current_tenant_id


class Announcement(TenantOwned, Base):
    """Something that happened, by name and ids; never a copy of what it is about."""

    __tablename__ = "announcements"

    topic: Mapped[str]
    facts: Mapped[dict[str, Any]]
    announced_at: Mapped[datetime] = mapped_column(default=clock.now)


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
