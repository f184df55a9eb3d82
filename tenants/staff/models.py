"""The people who run Sheaf, and what proves who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base


class StaffMember(Base):
    """Someone who signs in to the console. `totp_secret` is sealed; `email` is lower case.

    `last_totp_step` is the newest 30-second step that was accepted: none is accepted twice.
    """

    __tablename__ = "staff_members"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[str]
    last_totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_sign_in_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One way in without the phone, once. Only a keyed hash of the code is stored."""

    __tablename__ = "staff_recovery_codes"
    __table_args__ = (UniqueConstraint("staff_id", "code_hash"),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]
