"""Refunds: a part or all of a payment given back to the shopper."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.money import Money
from kernel.scope import TenantOwned, tenant_key


class RefundState(StrEnum):
    """A refund that succeeded can still fail later, when the shopper's bank sends it back."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Refund(TenantOwned, Base):
    """One sum on its way back. `fee_minor` is our fee's exact part that goes back with it, and
    `fee_returned_minor` how much of that was taken at the charge and is therefore paid out.

    `unknown_since` is set while nobody can look what became of it: it is neither made nor failed,
    is asked about again, and nothing may be said about its money until then.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        Index(None, "tenant_id", "payment_id"),
        Index(None, "tenant_id", "payable_id"),
        UniqueConstraint("tenant_id", "refund_ref"),
        tenant_key("payment_id", "payments"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("fee_minor BETWEEN 0 AND amount_minor", name="fee"),
        CheckConstraint("fee_returned_minor BETWEEN 0 AND fee_minor", name="fee_returned"),
    )

    payment_id: Mapped[UUID]
    payable_id: Mapped[UUID]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    requested_by: Mapped[UUID | None]
    state: Mapped[RefundState] = mapped_column(default=RefundState.REQUESTED)

    attempt: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    refund_ref: Mapped[str | None]
    failure: Mapped[str] = mapped_column(default="")
    unknown_since: Mapped[datetime | None]
    unknown_reason: Mapped[str] = mapped_column(default="", server_default="")
    fee_minor: Mapped[int] = mapped_column(default=0)
    fee_returned_minor: Mapped[int] = mapped_column(default=0)
    fee_refund_ref: Mapped[str | None]

    requested_at: Mapped[datetime] = mapped_column(default=clock.now)
    occurred_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
