"""Who did what in which shop: written once, each entry chained to the one before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class AuditEntry(TenantOwned, Base):
    """One act. `body` is the canonical text that is hashed; the columns beside it are for lists.

    The actor's name is held only as a salted commitment inside `body`, so it can be erased.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "hash"),
        Index(None, "tenant_id", "subject", "number"),
    )

    number: Mapped[int]
    at: Mapped[datetime]
    action: Mapped[str]
    subject: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    salt: Mapped[str]
    body: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class AuditHead(TenantOwned, Base):
    """The newest entry of a tenant's chain: a cut-off tail no longer meets it."""

    __tablename__ = "audit_heads"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
