"""Payments: what a shopper owes for one payable thing, and how far it has come."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.connections.models import ConnectionMode, PaymentMethod
from kernel import clock
from kernel.db import Base
from kernel.money import Money
from kernel.scope import TenantOwned


class PaymentState(StrEnum):
    """In the order in which a payment moves; it never moves back (see rules.moves_forward).

    WAITING has left the page and waits for the payer, or for a word that we understand.
    """

    REQUESTED = "requested"
    OPEN = "open"
    WAITING = "waiting"
    PROCESSING = "processing"
    FAILED = "failed"
    EXPIRED = "expired"
    SUCCEEDED = "succeeded"


FINAL = frozenset({PaymentState.FAILED, PaymentState.EXPIRED, PaymentState.SUCCEEDED})
LIVE = frozenset(
    {
        PaymentState.REQUESTED,
        PaymentState.OPEN,
        PaymentState.WAITING,
        PaymentState.PROCESSING,
    }
)


class Payment(TenantOwned, Base):
    """An amount asked for a payable thing that billing knows only by its id.

    `application_fee_minor` is Sheaf's, fixed before the provider is called; `fee_ppm` is the rate
    it came from. `refunded_minor` counts every refund that has not failed, also unfinished ones.
    `asked_at` is when Stripe was last asked, `final_read_at` when it last showed the end of it:
    an end without that is one that we only believe in. `unknown_since` is set while nobody can
    look; meanwhile nothing is decided. `disputed_at` is set while the payer's bank claims it back
    (billing.disputes).
    """

    __tablename__ = "payments"
    __table_args__ = (
        Index(None, "tenant_id", "payable_id"),
        Index(None, "tenant_id", "state", "requested_at"),
        UniqueConstraint("tenant_id", "session_ref"),
        UniqueConstraint("tenant_id", "intent_ref"),
        UniqueConstraint("tenant_id", "charge_ref"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunded"),
        CheckConstraint("application_fee_minor BETWEEN 0 AND amount_minor", name="fee"),
    )

    payable_id: Mapped[UUID]
    method: Mapped[PaymentMethod]
    channel: Mapped[ConnectionMode] = mapped_column(default=ConnectionMode.NONE)
    account_ref: Mapped[str | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[PaymentState] = mapped_column(default=PaymentState.REQUESTED)

    attempt: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    session_ref: Mapped[str | None]
    url: Mapped[str | None]
    session_expires_at: Mapped[datetime | None]
    intent_ref: Mapped[str | None]
    charge_ref: Mapped[str | None]
    fee_ref: Mapped[str | None]
    means: Mapped[str] = mapped_column(default="")
    last4: Mapped[str] = mapped_column(default="")
    last_error: Mapped[str] = mapped_column(default="")

    application_fee_minor: Mapped[int] = mapped_column(default=0)
    fee_ppm: Mapped[int | None]
    plan_version_id: Mapped[UUID | None]
    refunded_minor: Mapped[int] = mapped_column(default=0)

    recorded_by: Mapped[UUID | None]
    requested_at: Mapped[datetime] = mapped_column(default=clock.now)
    occurred_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    final_read_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    unknown_since: Mapped[datetime | None]
    unknown_reason: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What can still be given back of it; nothing before it has succeeded, nor while the
        payer's bank claims it."""
        arrived = self.state is PaymentState.SUCCEEDED and self.disputed_at is None
        paid = self.amount_minor if arrived else 0
        return Money(max(paid - self.refunded_minor, 0), self.currency)
