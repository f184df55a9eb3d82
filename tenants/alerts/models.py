"""Sensitive changes that people must hear of, as they were when they happened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class SecurityAlert(TenantOwned, Base):
    """One change and whom to tell: those who could undo it before it was made, and the person it
    is about. Holds no secret. It is dropped after a month, with device and network."""

    __tablename__ = "security_alerts"
    __table_args__ = (Index(None, "tenant_id", "at"),)

    action: Mapped[str]
    subject: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    device: Mapped[str]
    network: Mapped[str]
    recipients: Mapped[list[str]]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=clock.now)
