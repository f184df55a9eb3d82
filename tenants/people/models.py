"""People, the shops they work in, and the invitations that bring them there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned
from tenants.people.rules import Role


class Person(Base):
    """Someone who works in one or more shops. Platform-wide; `email` is lower case and proven."""

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    password_changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    second_factor_since: Mapped[datetime | None]


class PersonTenant(Base):
    """Which shops a person may enter, to list them before any shop is acted for; no rights."""

    __tablename__ = "person_tenants"
    __table_args__ = (UniqueConstraint("person_id", "tenant_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)


class Membership(TenantOwned, Base):
    """A person's role in one shop; kept with `left_at` when they leave."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("tenant_id", "person_id"),)

    person_id: Mapped[UUID]
    role: Mapped[Role]
    joined_at: Mapped[datetime] = mapped_column(default=clock.now)
    left_at: Mapped[datetime | None]


class Invitation(TenantOwned, Base):
    """A link that makes one person a member, once. `email` is empty when anyone may use it.

    The link is signed, not stored: it can be shown again as long as the invitation stands.
    """

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "tenant_id", "created_at"),)

    email: Mapped[str] = mapped_column(default="")
    role: Mapped[Role]
    language: Mapped[str]
    invited_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]


class SignUp(Base):
    """Someone on the way in: proven by a code sent to `email`, then a shop or an invitation.

    For an address that already has an account no code is made, so none fits.
    """

    __tablename__ = "sign_ups"

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    language: Mapped[str]
    shop_name: Mapped[str] = mapped_column(default="")
    slug: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="")
    invitation: Mapped[str] = mapped_column(default="")
    code_hash: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    codes_asked: Mapped[int] = mapped_column(default=1)
    code_made_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    proven_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A wish for a new password; its signed link works once, for the person it was sent to."""

    __tablename__ = "password_resets"

    email: Mapped[str]
    language: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
