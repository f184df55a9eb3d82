"""Who is signed in where: opaque tokens, of which only the hash is kept."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class Realm(StrEnum):
    """Whose session it is: a merchant's person or a member of Sheaf's staff."""

    MERCHANT = "merchant"
    STAFF = "staff"


class UserSession(Base):
    """A sign-in of one person on one device. `subject_id` is a person or a staff member.

    `proved_at` is when they last proved who they are, in the browser that holds the proof.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "subject_id"),)

    realm: Mapped[Realm]
    subject_id: Mapped[UUID]
    token_hash: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    proof_hash: Mapped[str] = mapped_column(default="")
    proved_at: Mapped[datetime | None]


class ShopperSession(TenantOwned, Base):
    """A visitor's browser in one shop: it finds the cart again, and nothing in another shop."""

    __tablename__ = "shopper_sessions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        Index(None, "tenant_id", "expires_at"),
    )

    token_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]


class ThrottleCount(Base):
    """How often something was tried in one stretch of time. `key` is a hash, never an address."""

    __tablename__ = "throttle_counts"
    __table_args__ = (UniqueConstraint("key", "starts_at"),)

    key: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]
