"""The rows of jobs: what is to be done, and when the relay has to look at it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.handlers import Queue
from kernel.scope import TenantOwned


class JobState(StrEnum):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"


class Job(TenantOwned, Base):
    """One thing to be done for one tenant because of one announcement.

    `attempts` numbers the claims and never goes back, so that a late worker is known by its
    number; `failures` are those in a row that came to nothing.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "tenant_id", "state", "created_at"),
        Index("ix_jobs_dead", "queue", postgresql_where=text("state = 'dead'")),
    )

    announcement_id: Mapped[UUID | None]
    name: Mapped[str]
    facts: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(default=JobState.READY)
    queue: Mapped[str] = mapped_column(default=Queue.MAIL.value)
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    finished_at: Mapped[datetime | None]


class DueJob(Base):
    """Hand-over to the relay: ids and times, no content. Local to the platform, not distributed.

    `due_at` is when the relay looks at it next, `first_due_at` when it should have been done.
    """

    __tablename__ = "due_jobs"
    __table_args__ = (Index(None, "queue", "due_at", "tenant_id"),)

    tenant_id: Mapped[UUID]
    queue: Mapped[str] = mapped_column(default=Queue.MAIL.value)
    due_at: Mapped[datetime] = mapped_column(index=True)
    first_due_at: Mapped[datetime]
    # Grows with every offer and names its message; the column is older than that meaning.
    offers: Mapped[int] = mapped_column("attempts", default=0)
