"""The inbox of what Stripe tells us, and how far each account's news has been pulled."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class ProviderEventState(StrEnum):
    """UNROUTABLE belongs to no shop we know and lies under the platform; REFUSED contradicts us."""

    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    REFUSED = "refused"
    UNROUTABLE = "unroutable"


class ProviderEvent(TenantOwned, Base):
    """One event of one account, however often it is delivered. `raw` is what is kept of the
    verified body (rules.what_is_kept).

    `turn` counts how often it was put on the list again: only the newest turn's job works it.
    """

    __tablename__ = "provider_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "account_ref", "event_ref"),
        Index(None, "tenant_id", "state", "received_at"),
    )

    provider: Mapped[str] = mapped_column(default="stripe")
    account_ref: Mapped[str]
    event_ref: Mapped[str]
    type: Mapped[str]
    object_kind: Mapped[str] = mapped_column(default="")
    object_ref: Mapped[str] = mapped_column(default="")
    api_version: Mapped[str] = mapped_column(default="")
    livemode: Mapped[bool]
    source: Mapped[str] = mapped_column(default="webhook")
    raw: Mapped[str]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    state: Mapped[ProviderEventState] = mapped_column(default=ProviderEventState.RECEIVED)
    error: Mapped[str] = mapped_column(default="")
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    done_at: Mapped[datetime | None]


class EventCursor(TenantOwned, Base):
    """Up to when an account's events have been pulled, so that no gap stays open."""

    __tablename__ = "event_cursors"
    __table_args__ = (UniqueConstraint("tenant_id", "account_ref"),)

    account_ref: Mapped[str]
    pulled_until: Mapped[datetime]
