"""Codes on their way to a shopper, and the browsers in which one was typed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class ShopperSignIn(TenantOwned, Base):
    """A browser whose visitor has proven that an e-mail address is theirs, in this shop only."""

    __tablename__ = "shopper_sign_ins"
    __table_args__ = (
        UniqueConstraint("tenant_id", "shopper_session_id"),
        Index(None, "tenant_id", "email"),
    )

    shopper_session_id: Mapped[UUID]
    email: Mapped[str]
    device: Mapped[str] = mapped_column(default="")
    signed_in_at: Mapped[datetime] = mapped_column(default=clock.now)


class SignInCode(TenantOwned, Base):
    """A code asked for in one browser; it fits there only, once, for a short time.

    Where the address has no orders here, no code is sent and `code_hash` is empty: none fits.
    """

    __tablename__ = "sign_in_codes"
    __table_args__ = (UniqueConstraint("tenant_id", "shopper_session_id"),)

    shopper_session_id: Mapped[UUID]
    email: Mapped[str]
    code_hash: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
