"""Disputes: a payer's bank asks for a payment back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.disputes.rules import Standing, is_inquiry, standing_of
from kernel import clock
from kernel.db import Base
from kernel.money import Money
from kernel.scope import TenantOwned, tenant_key


class Dispute(TenantOwned, Base):
    """One dispute as Stripe last told it. `status` and `reason` are Stripe's own words.

    While `stops_refunds`, the bank has the money or may take it: what is given back besides would
    be lost twice.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "payable_id"),
        UniqueConstraint("tenant_id", "dispute_ref"),
        tenant_key("payment_id", "payments"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    payment_id: Mapped[UUID]
    payable_id: Mapped[UUID]
    dispute_ref: Mapped[str]
    account_ref: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    stops_refunds: Mapped[bool]
    answer_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def standing(self) -> Standing:
        return standing_of(self.status)

    @property
    def is_inquiry(self) -> bool:
        """Whether the bank only asks so far and has taken nothing."""
        return is_inquiry(self.status)
