"""Inviting people into a shop by a link that works once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.errors import TooMany
from kernel.outbox import announce
from kernel.scope import acting_for, current_tenant_id
from kernel.vault import read_signed, sign
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.people.errors import (
    AlreadyMember,
    InvitationIsForAnother,
    InvitationIsOver,
    InvitedTooOften,
)
from tenants.people.models import Invitation, Membership, Person
from tenants.people.queries import find_membership, get_person
from tenants.people.rules import Role
from tenants.people.services.members import join_shop
from tenants.sessions.throttle import spend

GOOD_FOR = timedelta(days=7)
PURPOSE = "invitation"
PER_HOUR = 30
PER_SHOP_A_DAY, PER_MAILBOX_A_DAY, A_DAY = 3, 10, 24 * 60


def invite(*, email: str, role: Role, language: str, invited_by: UUID) -> Invitation:
    """A link to the shop acted for exists; it is mailed where there is an address.

    Refused: someone who works here already, more than thirty in an hour, and too many
    to one address.
    """
    spend(f"invite|{current_tenant_id()}", limit=PER_HOUR, minutes=60)
    address = email.strip().lower()
    if address:
        _spend_mailbox(address)
    with transaction() as session:
        if address and _works_here(address):
            raise AlreadyMember(field="email")
        invitation = Invitation(
            email=address,
            role=role,
            language=language,
            invited_by=invited_by,
            expires_at=clock.now() + GOOD_FOR,
        )
        session.add(invitation)
        record(action="person.invited", subject=str(invitation.id), role=role.value)
        if role is Role.OWNER:
            alert(action="person.invited", subject=str(invitation.id), role=role.value)
        if address:
            announce("person.invited", invitation_id=invitation.id)
    return invitation


def _spend_mailbox(address: str) -> None:
    """Nobody is written to again and again, by one shop or by many; a link can always be copied."""
    try:
        spend(f"invite to|{current_tenant_id()}|{address}", limit=PER_SHOP_A_DAY, minutes=A_DAY)
        spend(f"invite to|{address}", limit=PER_MAILBOX_A_DAY, minutes=A_DAY)
    except TooMany as error:
        raise InvitedTooOften from error


def _works_here(email: str) -> bool:
    query = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.email == email, Membership.left_at.is_(None))
    )
    return db.session.scalars(query).one_or_none() is not None


def invitation_token(invitation: Invitation) -> str:
    """What the link carries: signed, so nothing that opens a door is stored."""
    return sign([str(invitation.tenant_id), str(invitation.id)], purpose=PURPOSE)


def tenant_of_invitation(token: str) -> UUID:
    """The shop a link leads to; raises InvitationIsOver for any other text."""
    return _read(token)[0]


def find_invitation(token: str) -> Invitation | None:
    """The invitation a link is for, while it stands; the caller acts for its shop."""
    tenant_id, invitation_id = _read(token)
    assert tenant_id == current_tenant_id(), "act for the shop of the invitation"
    query = select(Invitation).where(Invitation.id == invitation_id)
    found = db.session.scalars(query).one_or_none()
    return found if found is not None and _stands(found) else None


def accept_invitation(token: str, *, person_id: UUID) -> UUID:
    """The person works in the shop that invited; returns its tenant. Refused: a link that was
    used, taken back or is too old, one for another address, and someone who works there."""
    tenant_id, invitation_id = _read(token)
    with acting_for(tenant_id), transaction() as session:
        query = select(Invitation).where(Invitation.id == invitation_id)
        found = session.scalars(for_update(query)).one_or_none()
        if found is None or not _stands(found):
            raise InvitationIsOver
        if found.email and found.email != get_person(person_id).email:
            raise InvitationIsForAnother
        if find_membership(person_id) is not None:
            raise AlreadyMember
        found.accepted_at, found.accepted_by = clock.now(), person_id
        join_shop(person_id=person_id, role=found.role)
    return tenant_id


def revoke_invitation(*, invitation_id: UUID) -> None:
    """The link works no more. Refused: one that was used or is over."""
    with transaction() as session:
        query = select(Invitation).where(Invitation.id == invitation_id)
        found = session.scalars(for_update(query)).one_or_none()
        if found is None or not _stands(found):
            raise InvitationIsOver
        found.revoked_at = clock.now()
        record(action="person.invitation_revoked", subject=str(found.id), role=found.role.value)


def _read(token: str) -> tuple[UUID, UUID]:
    parts = read_signed(token, purpose=PURPOSE)
    if parts is None:
        raise InvitationIsOver
    return UUID(parts[0]), UUID(parts[1])


def _stands(invitation: Invitation) -> bool:
    used = invitation.accepted_at or invitation.revoked_at
    return used is None and invitation.expires_at > clock.now()
