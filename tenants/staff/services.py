"""Staff join, sign in and leave; what they do in a shop stands in two audits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from kernel import clock
from kernel.db import for_update, transaction
from kernel.errors import TooMany
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import new_token
from tenants.alerts.services import alert
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.services import record
from tenants.factors.codes import drop_papers, give_new_papers, seal_secret, use_code
from tenants.factors.errors import ProofsSpent, WrongProof
from tenants.factors.rules import new_totp_secret, provisioning_uri
from tenants.people.passwords import check_password, hash_password, password_fits
from tenants.sessions.models import Realm
from tenants.sessions.rules import WRONG_PROOFS
from tenants.sessions.services import (
    close_one_session,
    close_sessions,
    keep_proof,
    open_session,
)
from tenants.sessions.throttle import forgive, note_volume, place_of, spend, spend_from
from tenants.staff.errors import StaffExists, WrongSignIn
from tenants.staff.models import StaffMember
from tenants.staff.queries import FACTORS, find_staff_by_email, get_staff_by_email

ISSUER = "Sheaf console"
TRIES_FROM_ONE_PLACE = 20  # whatever address is typed: each try costs a hash
TRIES_FOR_ONE_ADDRESS = 5  # from one place
USUAL_TRIES = 100
TRY_MINUTES = 15
PROOF_MINUTES = 60


@dataclass(frozen=True)
class NewStaff:
    """What a new member of staff needs once: it is shown now and never again."""

    id: UUID
    uri: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


def create_staff(*, email: str, name: str, password: str) -> NewStaff:
    """Someone is staff, or is again. Refused: an address that is staff now, and a weak password."""
    check_password(password, about=[email, name, "sheaf", "console"])
    secret = new_totp_secret()
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
        member.totp_secret = seal_secret(FACTORS, member.id, secret)
        member.last_totp_step = member.wrong_codes = member.wrong_codes_that_day = 0
        session.flush()
        codes = give_new_papers(FACTORS, member.id)
        record(action="staff.joined", subject=str(member.id))
        uri = provisioning_uri(secret, email=member.email, issuer=ISSUER)
        return NewStaff(member.id, uri, codes)


def sign_in(
    *, email: str, password: str, code: str, device: str, address: str, proof: str = ""
) -> str:
    """A session's token for a member of staff. Refused alike: wrong e-mail, password or code, and
    a code that was used before."""
    wanted = email.strip().lower()
    place = f"staff|{wanted}|{place_of(address)}"
    spend_from("staff from", address, limit=TRIES_FROM_ONE_PLACE, minutes=TRY_MINUTES)
    spend(place, limit=TRIES_FOR_ONE_ADDRESS, minutes=TRY_MINUTES)
    note_volume("staff", usual=USUAL_TRIES, minutes=TRY_MINUTES)
    member = find_staff_by_email(wanted)
    known = password_fits(password, member.password_hash if member is not None else None)
    if member is None or not known:
        raise WrongSignIn
    with (
        acting_for(PLATFORM_ID),
        acting_as(Actor(ActorKind.STAFF, member.id, member.name)),
        transaction(),
    ):
        how = _try_code(member.id, code)
        if how:
            record(action="staff.signed_in", subject=str(member.id), with_code=how)
            forgive(place)
            return open_session(
                realm=Realm.STAFF, subject_id=member.id, device=device, address=address, proof=proof
            )
    raise WrongSignIn


def prove_again(*, staff_id: UUID, session_id: UUID, code: str) -> str:
    """Returns the proof that this browser keeps for ten minutes, for a code. Refused: any other;
    after five in an hour this sign-in is over."""
    count = f"proof|{session_id}"
    try:
        spend(count, limit=WRONG_PROOFS, minutes=PROOF_MINUTES)
    except TooMany:
        close_one_session(realm=Realm.STAFF, subject_id=staff_id, session_id=session_id)
        raise ProofsSpent from None
    with acting_for(PLATFORM_ID), transaction():
        fits = _try_code(staff_id, code, after_password=False)
    if not fits:
        raise WrongProof
    forgive(count)
    proof = new_token()
    keep_proof(session_id=session_id, proof=proof)
    return proof


def dismiss_staff(*, email: str) -> None:
    """Someone is no longer staff, and signed out everywhere. Refused: who is not staff."""
    with acting_for(PLATFORM_ID), transaction():
        member = get_staff_by_email(email)
        member.left_at = clock.now()
        drop_papers(FACTORS, member.id)
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


def act_for_person(
    *, person_id: UUID, action: str, reason: str, change: Callable[[], None]
) -> None:
    """The change to a person's way in is made, with its line in Sheaf's audit."""
    with acting_for(PLATFORM_ID), transaction():
        change()
        record(action=action, subject=str(person_id), reason=reason)


def _try_code(staff_id: UUID, code: str, *, after_password: bool = True) -> str:
    with transaction() as session:
        query = select(StaffMember).where(StaffMember.id == staff_id)
        member = session.scalars(for_update(query)).one()
        outcome = use_code(FACTORS, member, staff_id, code, after_password=after_password)
        if outcome.alarm:
            alert(action="staff.codes_guessed", subject=str(staff_id), about=staff_id)
        if outcome.how:
            member.last_sign_in_at = clock.now()
        return outcome.how
