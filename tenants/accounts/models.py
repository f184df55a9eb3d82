"""Cooperatives and where their shops are found."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned, tenant_key


class TenantState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Tenant(Base):
    """A cooperative. Platform-wide: it is what a host resolves to, before anyone is acted for."""

    __tablename__ = "tenants"

    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[TenantState] = mapped_column(default=TenantState.ACTIVE)
    state_reason: Mapped[str] = mapped_column(default="")
    state_changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Hostname(Base):
    """A verified host of its own that leads to a shop, besides <slug>.<SHOPS_DOMAIN>."""

    __tablename__ = "hostnames"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    host: Mapped[str] = mapped_column(unique=True)
    verified_at: Mapped[datetime | None]


class ShopProfile(TenantOwned, Base):
    """How a shop presents itself, and the money, time and languages it works in. One per tenant."""

    __tablename__ = "shop_profiles"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        tenant_key("logo_id", "media_files"),
        tenant_key("cover_id", "media_files"),
    )

    name: Mapped[str]
    about_en: Mapped[str] = mapped_column(default="")
    about_zh: Mapped[str] = mapped_column(default="")
    notice_en: Mapped[str] = mapped_column(default="")
    notice_zh: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    theme: Mapped[str] = mapped_column(default="meadow")
    accent: Mapped[str] = mapped_column(default="leaf")
    logo_id: Mapped[UUID | None]
    cover_id: Mapped[UUID | None]
    currency: Mapped[str]
    time_zone: Mapped[str]
    languages: Mapped[list[str]]
    sample_data: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime | None]
    owners_need_factor_since: Mapped[datetime | None]
    all_need_factor_since: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
