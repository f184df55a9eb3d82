"""People join shops, change roles and leave."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kernel import clock
from kernel.db import for_update, new_id, transaction
from kernel.scope import current_tenant_id
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.people.errors import LastOwner, MemberNotFound
from tenants.people.models import Invitation, Membership, PersonTenant
from tenants.people.queries import find_membership
from tenants.people.rules import Role
from tenants.sessions.models import Realm
from tenants.sessions.services import close_sessions


def join_shop(*, person_id: UUID, role: Role) -> None:
    """The person works in the shop acted for, in this role; someone who had left is back."""
    with transaction() as session:
        session.execute(
            insert(PersonTenant)
            .values(id=new_id(), person_id=person_id, tenant_id=current_tenant_id())
            .on_conflict_do_nothing()
        )
        if find_membership(person_id) is None:
            if role is Role.OWNER:
                alert(action="person.joined", subject=str(person_id), role=role.value)
            session.execute(
                insert(Membership)
                .values(id=new_id(), tenant_id=current_tenant_id(), person_id=person_id, role=role)
                .on_conflict_do_update(
                    index_elements=["tenant_id", "person_id"],
                    set_={"role": role, "left_at": None, "joined_at": clock.now()},
                )
            )
            record(action="person.joined", subject=str(person_id), role=role.value)


def change_role(*, person_id: UUID, role: Role) -> None:
    """The person has this role in the shop acted for, and must sign in again everywhere. Who no
    longer owns it has no invitation standing. Refused: taking the last owner's role.
    """
    with transaction():
        membership = _lock_member(person_id)
        if membership.role is role:
            return
        if role is not Role.OWNER:
            _keep_an_owner(membership)
        record(
            action="person.role_changed", subject=str(person_id), before=membership.role.value,
            role=role.value,
        )  # fmt: skip
        if Role.OWNER in (role, membership.role):
            alert(
                action="person.role_changed", subject=str(person_id), about=person_id,
                before=membership.role.value, role=role.value,
            )  # fmt: skip
        membership.role = role
        if role is not Role.OWNER:
            _take_back_invitations(person_id)
        close_sessions(realm=Realm.MERCHANT, subject_id=person_id)


def remove_member(*, person_id: UUID) -> None:
    """The person works here no more, is signed out everywhere, and has no invitation standing.

    Refused: the last owner.
    """
    with transaction() as session:
        membership = _lock_member(person_id)
        _keep_an_owner(membership)
        if membership.role is Role.OWNER:
            alert(
                action="person.removed", subject=str(person_id), about=person_id,
                role=membership.role.value,
            )  # fmt: skip
        membership.left_at = clock.now()
        link = session.scalars(
            select(PersonTenant).where(
                PersonTenant.person_id == person_id,
                PersonTenant.tenant_id == current_tenant_id(),
            )
        ).one()
        session.delete(link)
        _take_back_invitations(person_id)
        record(action="person.removed", subject=str(person_id), role=membership.role.value)
        close_sessions(realm=Realm.MERCHANT, subject_id=person_id)


def _take_back_invitations(person_id: UUID) -> None:
    # A link that someone made while they could would bring them, or a friend, back in.
    query = select(Invitation).where(
        Invitation.invited_by == person_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    with transaction() as session:
        for standing in session.scalars(for_update(query.order_by(Invitation.id))):
            standing.revoked_at = clock.now()
            record(
                action="person.invitation_revoked", subject=str(standing.id),
                role=standing.role.value,
            )  # fmt: skip


def _lock_member(person_id: UUID) -> Membership:
    # All owners are locked, in one order: two who remove each other at once leave one behind.
    query = select(Membership).where(
        Membership.left_at.is_(None),
        (Membership.person_id == person_id) | (Membership.role == Role.OWNER),
    )
    with transaction() as session:
        locked = session.scalars(for_update(query.order_by(Membership.id))).all()
    found = next((one for one in locked if one.person_id == person_id), None)
    if found is None:
        raise MemberNotFound
    return found


def _keep_an_owner(membership: Membership) -> None:
    if membership.role is not Role.OWNER:
        return
    owners = select(func.count(Membership.id)).where(
        Membership.role == Role.OWNER, Membership.left_at.is_(None)
    )
    with transaction() as session:
        if session.scalars(owners).one() <= 1:
            raise LastOwner
