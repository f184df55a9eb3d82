"""What was sold and given back, and the fee on each: facts that are written once."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned, related, tenant_key


class UsageKind(StrEnum):
    """What happened; the kind carries the sign, amounts are always positive."""

    SALE = "sale"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"

    @property
    def sign(self) -> int:
        return -1 if self is UsageKind.REFUND else 1


class Collection(StrEnum):
    """How Sheaf comes to its fee: out of the charge itself, or by invoice afterwards."""

    AT_CHARGE = "at_charge"
    IN_ARREARS = "in_arrears"


class UsageEvent(TenantOwned, Base):
    """Money that moved between a shopper and a shop. Written once, kept for ever.

    With AT_CHARGE the fee was settled with the provider before we heard of it, so the event
    carries it: `fee_minor` is signed, `collected_minor` is what was really taken or given back.
    """

    __tablename__ = "usage_events"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id", "source", "source_key"),
        Index(None, "tenant_id", "target_event_id"),
        tenant_key("account_id", "billing_accounts"),
        tenant_key("target_event_id", "usage_events"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    account_id: Mapped[UUID]
    source: Mapped[str]
    source_key: Mapped[str]
    kind: Mapped[UsageKind]
    target_event_id: Mapped[UUID | None]
    payable_id: Mapped[UUID]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    collection: Mapped[Collection]
    fee_minor: Mapped[int | None]
    collected_minor: Mapped[int] = mapped_column(default=0)
    rate_ppm: Mapped[int | None]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    payload: Mapped[dict[str, Any]]
    payload_hash: Mapped[str]


class UsageReject(TenantOwned, Base):
    """Usage that could not be counted, and why; it stays here until it is replayed."""

    __tablename__ = "usage_rejects"
    __table_args__ = (
        UniqueConstraint("tenant_id", "source", "source_key", "payload_hash"),
        Index(None, "tenant_id", "resolved_event_id"),
        tenant_key("resolved_event_id", "usage_events"),
    )

    source: Mapped[str]
    source_key: Mapped[str]
    payload_hash: Mapped[str]
    raw: Mapped[dict[str, Any]]
    reason: Mapped[str]
    resolved_event_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)


class Bucket(TenantOwned, Base):
    """The running volume and fee of one currency, plan and way of collecting in one period.

    For fees in arrears `fee_minor` is always F(start + net + late) - F(start).
    """

    __tablename__ = "buckets"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id", "account_id", "period_id", "segment_id", "currency", "collection",
            name="uq_buckets_identity",
        ),
        Index(None, "tenant_id", "period_id"),
        Index(None, "tenant_id", "segment_id"),
        tenant_key("account_id", "billing_accounts"),
        tenant_key("period_id", "periods"),
        tenant_key("segment_id", "segments"),
    )  # fmt: skip

    account_id: Mapped[UUID]
    period_id: Mapped[UUID]
    segment_id: Mapped[UUID]
    plan_version_id: Mapped[UUID]
    currency: Mapped[str]
    collection: Mapped[Collection]
    start_volume_minor: Mapped[int] = mapped_column(default=0)
    net_volume_minor: Mapped[int] = mapped_column(default=0)
    late_volume_minor: Mapped[int] = mapped_column(default=0)
    fee_minor: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)


class Rating(TenantOwned, Base):
    """How one event's fee came about: volume before and after, the ladder's part, the rest.

    `event_id` is None for the re-basing of a segment when its period closes. `is_late` says that
    the bucket's period was closed, so the fee is booked in a later one.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("tenant_id", "bucket_id", "seq"),
        UniqueConstraint("tenant_id", "event_id"),
        Index(None, "tenant_id", "booked_period_id"),
        tenant_key("event_id", "usage_events"),
        tenant_key("bucket_id", "buckets"),
        tenant_key("booked_period_id", "periods"),
    )

    event_id: Mapped[UUID | None]
    bucket_id: Mapped[UUID]
    seq: Mapped[int]
    volume_before_minor: Mapped[int]
    volume_after_minor: Mapped[int]
    ladder_minor: Mapped[int]
    fixed_minor: Mapped[int] = mapped_column(default=0)
    clamp_delta_minor: Mapped[int] = mapped_column(default=0)
    fee_minor: Mapped[int]
    collected_minor: Mapped[int] = mapped_column(default=0)
    rate_ppm: Mapped[int | None]
    booked_period_id: Mapped[UUID]
    is_late: Mapped[bool] = mapped_column(default=False)
    rater_version: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    event: Mapped[UsageEvent | None] = related("UsageEvent")
