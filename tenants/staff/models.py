"""The people who run Sheaf, and what proves who they are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from tenants.factors.models import HoldsTotp, PaperCode


class StaffMember(HoldsTotp, Base):
    """Someone who signs in to the console. `email` is lower case."""

    __tablename__ = "staff_members"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_sign_in_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class RecoveryCode(PaperCode, Base):
    """One of a member's ten."""

    __tablename__ = "staff_recovery_codes"
    __table_args__ = (UniqueConstraint("staff_id", "code_hash"),)

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff_members.id"))
