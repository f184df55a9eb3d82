"""The one mechanism behind codes, for merchants' people and for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.scope import PLATFORM_ID
from kernel.vault import hash_code, seal, unseal
from tenants.factors.models import HoldsTotp
from tenants.factors.rules import (
    ALARM_AT,
    find_totp_step,
    is_totp,
    may_guess,
    new_recovery_codes,
    plain_code,
)


@dataclass(frozen=True)
class Kept:
    """Where a realm keeps its recovery codes; `word` binds its seals and hashes to it."""

    word: str
    papers: type[Any]
    owner: InstrumentedAttribute[UUID]

    def field(self, holder_id: UUID) -> str:
        """What a sealed secret is sealed for."""
        return f"{self.word}_totp|{holder_id}"

    def hashed(self, holder_id: UUID, code: str) -> str:
        """What is stored of a recovery code."""
        return hash_code(plain_code(code), purpose=f"{self.word} recovery|{holder_id}")


@dataclass(frozen=True)
class Outcome:
    """How a code proved who someone is: "app" or "recovery code"; empty when it did not.

    `alarm` is set once a day, when so many wrong codes came that the person must hear of it.
    """

    how: str = ""
    alarm: bool = False


def use_code(
    kept: Kept,
    holder: HoldsTotp,
    holder_id: UUID,
    typed: str,
    *,
    since: datetime | None = None,
    after_password: bool = True,
) -> Outcome:
    """Try a code; what proved something is spent, what did not is counted and must be committed.

    After ten wrong codes on a day, or fifty since the password was chosen (`since`), no code of
    the app fits any more; one from paper still does. Only who gave the password counts: nobody
    else can use the tries up. Call with the holder's row locked.
    """
    code = plain_code(typed)
    _count_anew(holder, since)
    if not is_totp(code):
        found = _use_paper(kept, holder_id, code)
        if found:
            holder.wrong_codes = holder.wrong_codes_that_day = 0
        return Outcome("recovery code" if found else "")
    if after_password and not may_guess(holder.wrong_codes, holder.wrong_codes_that_day):
        return Outcome()
    if _use_step(kept, holder, holder_id, code):
        return Outcome("app")
    if not after_password:
        return Outcome()
    holder.wrong_codes += 1
    holder.wrong_codes_that_day += 1
    return Outcome(alarm=holder.wrong_codes_that_day == ALARM_AT)


def _count_anew(holder: HoldsTotp, since: datetime | None) -> None:
    today = clock.now().date()
    if since is not None and (holder.wrong_codes_from is None or holder.wrong_codes_from < since):
        holder.wrong_codes = holder.wrong_codes_that_day = 0
        holder.wrong_codes_from = since
    if holder.wrong_codes_on != today:
        holder.wrong_codes_on, holder.wrong_codes_that_day = today, 0


def give_new_papers(kept: Kept, holder_id: UUID) -> list[str]:
    """Ten recovery codes, to be shown now and never again; those before are worth nothing."""
    codes = new_recovery_codes()
    drop_papers(kept, holder_id)
    with transaction() as session:
        for code in codes:
            paper = kept.papers(code_hash=kept.hashed(holder_id, code))
            setattr(paper, kept.owner.key, holder_id)
            session.add(paper)
    return codes


def drop_papers(kept: Kept, holder_id: UUID) -> None:
    """No recovery code of theirs works any more."""
    with transaction() as session:
        for paper in session.scalars(for_update(_unused(kept, holder_id))):
            paper.used_at = clock.now()


def count_papers(kept: Kept, holder_id: UUID) -> int:
    """How many recovery codes someone has left."""
    query = select(func.count()).where(kept.owner == holder_id, kept.papers.used_at.is_(None))
    return db.session.scalar(query) or 0


def seal_secret(kept: Kept, holder_id: UUID, secret: str) -> str:
    """The secret as it is stored."""
    return seal(secret, tenant_id=PLATFORM_ID, field=kept.field(holder_id))


def open_secret(kept: Kept, holder_id: UUID, sealed: str) -> str:
    """The secret as the app knows it."""
    return unseal(sealed, tenant_id=PLATFORM_ID, field=kept.field(holder_id))


def _use_step(kept: Kept, holder: HoldsTotp, holder_id: UUID, code: str) -> bool:
    if not holder.totp_secret:
        return False
    secret = open_secret(kept, holder_id, holder.totp_secret)
    step = find_totp_step(secret, code, at=clock.now(), after=holder.last_totp_step)
    if step is None:
        return False
    holder.last_totp_step = step
    return True


def _use_paper(kept: Kept, holder_id: UUID, code: str) -> bool:
    query = _unused(kept, holder_id).where(kept.papers.code_hash == kept.hashed(holder_id, code))
    with transaction() as session:
        found = session.scalars(for_update(query)).one_or_none()
        if found is None:
            return False
        found.used_at = clock.now()
        return True


def _unused(kept: Kept, holder_id: UUID) -> Select[Any]:
    return (
        select(kept.papers)
        .where(kept.owner == holder_id, kept.papers.used_at.is_(None))
        .order_by(kept.papers.id)
    )
