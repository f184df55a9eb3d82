"""What proves who someone is besides a password: a secret shared with an app, codes on paper."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base


class HoldsTotp:
    """`totp_secret` is sealed. `last_totp_step` is the newest 30-second step that was accepted:
    none is accepted twice, and none before it. Wrong codes are counted, in all since
    `wrong_codes_from` and on the day of the last one; only who has the password can add to them."""

    totp_secret: Mapped[str]
    last_totp_step: Mapped[int] = mapped_column(default=0)
    wrong_codes: Mapped[int] = mapped_column(default=0)
    wrong_codes_from: Mapped[datetime | None]
    wrong_codes_on: Mapped[date | None]
    wrong_codes_that_day: Mapped[int] = mapped_column(default=0)


class PaperCode:
    """One way in without the phone, once. Only a keyed hash of the code is stored."""

    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class PersonFactor(HoldsTotp, Base):
    """A person's second factor: in force once `confirmed_at` stands, on the way in as `pending`."""

    __tablename__ = "person_factors"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    pending_secret: Mapped[str] = mapped_column(default="")
    pending_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]


class PersonRecoveryCode(PaperCode, Base):
    """One of a person's ten."""

    __tablename__ = "person_recovery_codes"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))


class PendingSignIn(Base):
    """Someone who gave the right password and still owes the code. Opens nothing by itself."""

    __tablename__ = "pending_sign_ins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    wrong_codes: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
