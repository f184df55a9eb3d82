"""Staff join, sign in and leave; what they do in a shop stands in two audits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, select

from kernel import clock
from kernel.db import for_update, transaction
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import hash_code, seal, unseal
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.services import record
from tenants.people.passwords import check_password, hash_password, password_fits
from tenants.sessions.models import Realm
from tenants.sessions.services import close_sessions, open_session
from tenants.sessions.throttle import forgive, spend
from tenants.staff.errors import StaffExists, WrongSignIn
from tenants.staff.models import RecoveryCode, StaffMember
from tenants.staff.queries import find_staff_by_email, get_staff_by_email
from tenants.staff.rules import (
    find_totp_step,
    is_totp,
    new_recovery_codes,
    new_totp_secret,
    plain_code,
    provisioning_uri,
)

TRIES_FROM_ONE_PLACE = 5
TRIES_FOR_ONE_ADDRESS = 30
TRY_MINUTES = 15


@dataclass(frozen=True)
class NewStaff:
    """What a new member of staff needs once: it is shown now and never again."""

    id: UUID
    uri: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


def create_staff(*, email: str, name: str, password: str) -> NewStaff:
    """Someone is staff, or is again. Refused: an address that is staff now, and a weak password."""
    check_password(password, about=[email, name, "sheaf", "console"])
    secret, codes = new_totp_secret(), new_recovery_codes()
    hashed = hash_password(password)
    address = email.strip().lower()
    with acting_for(PLATFORM_ID), transaction() as session:
        query = select(StaffMember).where(StaffMember.email == address)
        member = session.scalars(for_update(query)).one_or_none()
        if member is None:
            member = StaffMember(email=address)
            session.add(member)
        elif member.left_at is None:
            raise StaffExists(field="email")
        member.name, member.password_hash, member.left_at = name.strip(), hashed, None
        member.totp_secret, member.last_totp_step = _seal(member, secret), 0
        session.flush()
        session.add_all(
            RecoveryCode(staff_id=member.id, code_hash=_hash(member.id, code)) for code in codes
        )
        record(action="staff.joined", subject=str(member.id))
        return NewStaff(member.id, provisioning_uri(secret, email=member.email), codes)


def sign_in(*, email: str, password: str, code: str, device: str, address: str) -> str:
    """A session's token for a member of staff. Refused alike: wrong e-mail, password or code, and
    a code that was used before."""
    wanted = email.strip().lower()
    place = f"staff|{wanted}|{address}"
    spend(place, limit=TRIES_FROM_ONE_PLACE, minutes=TRY_MINUTES)
    spend(f"staff|{wanted}", limit=TRIES_FOR_ONE_ADDRESS, minutes=TRY_MINUTES)
    member = find_staff_by_email(wanted)
    known = password_fits(password, member.password_hash if member is not None else None)
    if member is None or not known:
        raise WrongSignIn
    with (
        acting_for(PLATFORM_ID),
        acting_as(Actor(ActorKind.STAFF, member.id, member.name)),
        transaction(),
    ):
        how = _use_code(member.id, plain_code(code))
        record(action="staff.signed_in", subject=str(member.id), with_code=how)
        forgive(place)
        return open_session(realm=Realm.STAFF, subject_id=member.id, device=device, address=address)


def dismiss_staff(*, email: str) -> None:
    """Someone is no longer staff, and signed out everywhere. Refused: who is not staff."""
    with acting_for(PLATFORM_ID), transaction() as session:
        member = get_staff_by_email(email)
        member.left_at = clock.now()
        for code in session.scalars(_unused_codes(member.id)):
            code.used_at = clock.now()
        close_sessions(realm=Realm.STAFF, subject_id=member.id)
        record(action="staff.left", subject=str(member.id))


def act_in_shop(
    *,
    tenant_id: UUID,
    action: str,
    subject: UUID,
    reason: str,
    change: Callable[[], None],
    writes_own_line: bool = False,
) -> None:
    """The change is made in one shop, in one transaction with its line in the shop's audit.

    Sheaf's own audit is written first, so that no act of staff can be missing from it; an act that
    is then refused leaves its line there too.
    """
    with acting_for(PLATFORM_ID), transaction():
        record(action=action, subject=str(subject), reason=reason, shop=tenant_id)
    with acting_for(tenant_id), transaction():
        change()
        if not writes_own_line:
            record(action=action, subject=str(subject), reason=reason)


def _use_code(staff_id: UUID, code: str) -> str:
    with transaction() as session:
        query = select(StaffMember).where(StaffMember.id == staff_id)
        member = session.scalars(for_update(query)).one()
        if is_totp(code):
            step = find_totp_step(
                _unseal(member), code, at=clock.now(), after=member.last_totp_step
            )
            if step is None:
                raise WrongSignIn
            member.last_totp_step = step
        else:
            _use_recovery_code(staff_id, code)
        member.last_sign_in_at = clock.now()
        return "app" if is_totp(code) else "recovery code"


def _use_recovery_code(staff_id: UUID, code: str) -> None:
    with transaction() as session:
        query = _unused_codes(staff_id).where(RecoveryCode.code_hash == _hash(staff_id, code))
        found = session.scalars(for_update(query)).one_or_none()
        if found is None:
            raise WrongSignIn
        found.used_at = clock.now()


def _unused_codes(staff_id: UUID) -> Select[RecoveryCode]:
    return select(RecoveryCode).where(
        RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None)
    )


def _seal(member: StaffMember, secret: str) -> str:
    return seal(secret, tenant_id=PLATFORM_ID, field=f"staff_totp|{member.id}")


def _unseal(member: StaffMember) -> str:
    return unseal(member.totp_secret, tenant_id=PLATFORM_ID, field=f"staff_totp|{member.id}")


def _hash(staff_id: UUID, code: str) -> str:
    return hash_code(plain_code(code), purpose=f"staff recovery|{staff_id}")
