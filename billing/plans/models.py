"""What cooperatives pay Sheaf for, and since when: plans, and each cooperative's place on them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned, tenant_key


class LadderBasis(StrEnum):
    """Which volume places a sale on the ladder when its fee is taken at the charge."""

    PERIOD = "period"
    PREVIOUS_PERIOD = "previous_period"


class AccountState(StrEnum):
    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"


class AccessState(StrEnum):
    """What a cooperative may do while it owes; only CURRENT is used before there are invoices."""

    CURRENT = "current"
    PAST_DUE = "past_due"
    GRACE = "grace"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class PeriodState(StrEnum):
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Plan(Base):
    """A membership by its code; what it costs is in its versions. Platform-wide."""

    __tablename__ = "plans"

    code: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(unique=True)


class PlanVersion(Base):
    """The n-th price of a plan in one currency; never changed once published. Platform-wide.

    The fixed part, minimum and maximum are per sale, in minor units. Whether a fee is taken at
    the charge or in arrears is decided by how the shopper pays, not by the plan.
    """

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("plan_id", "currency", "n"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    n: Mapped[int]
    currency: Mapped[str]
    interval: Mapped[str] = mapped_column(default="month")
    price_minor: Mapped[int]
    ladder_basis: Mapped[LadderBasis]
    fixed_minor: Mapped[int] = mapped_column(default=0)
    min_minor: Mapped[int | None]
    max_minor: Mapped[int | None]
    flags: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[datetime]


class LadderBand(Base):
    """The rate of the k-th part of the volume, up to and including `up_to_minor`."""

    __tablename__ = "ladder_bands"
    __table_args__ = (UniqueConstraint("plan_version_id", "k"),)

    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_versions.id"))
    k: Mapped[int]
    up_to_minor: Mapped[int | None]
    rate_ppm: Mapped[int]


class BillingAccount(TenantOwned, Base):
    """A cooperative as the one who pays Sheaf; periods are counted from its anchor day."""

    __tablename__ = "billing_accounts"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    currency: Mapped[str]
    time_zone: Mapped[str]
    anchored_on: Mapped[date]
    state: Mapped[AccountState] = mapped_column(default=AccountState.OPEN)
    access_state: Mapped[AccessState] = mapped_column(default=AccessState.CURRENT)
    hold_reason: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)


class Subscription(TenantOwned, Base):
    """A cooperative's membership; which plan it was on when is in its segments."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id"),
        tenant_key("account_id", "billing_accounts"),
    )

    account_id: Mapped[UUID]
    state: Mapped[SubscriptionState] = mapped_column(default=SubscriptionState.ACTIVE)
    trial_end: Mapped[datetime | None]
    started_at: Mapped[datetime] = mapped_column(default=clock.now)


class Segment(TenantOwned, Base):
    """One plan version from an instant until the next change; `to_at` is None for the present."""

    __tablename__ = "segments"
    __table_args__ = (
        UniqueConstraint("tenant_id", "subscription_id", "from_at"),
        tenant_key("subscription_id", "subscriptions"),
    )

    subscription_id: Mapped[UUID]
    plan_version_id: Mapped[UUID]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]


class Period(TenantOwned, Base):
    """The n-th billing month of an account, `[start_at, end_at)` between local midnights."""

    __tablename__ = "periods"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id", "n"),
        UniqueConstraint("tenant_id", "account_id", "start_at"),
        tenant_key("account_id", "billing_accounts"),
    )

    account_id: Mapped[UUID]
    n: Mapped[int]
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    grace_end: Mapped[datetime]
    state: Mapped[PeriodState] = mapped_column(default=PeriodState.OPEN)
    cutoff_recorded_at: Mapped[datetime | None]
    seal_hash: Mapped[str | None]
