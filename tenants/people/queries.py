"""Reading people, their roles and the shops they may enter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kernel import clock
from kernel.db import db, for_update
from kernel.scope import acting_for
from tenants.accounts.models import Tenant, TenantState
from tenants.accounts.queries import get_profile
from tenants.people.errors import InvitationIsOver, MemberNotFound, PersonNotFound
from tenants.people.models import Invitation, Membership, Person, PersonTenant
from tenants.people.rules import Role


@dataclass(frozen=True)
class Member:
    """A person as a shop sees them."""

    person_id: UUID
    name: str
    email: str
    role: Role
    joined_at: datetime
    second_factor: bool = False


@dataclass(frozen=True)
class ShopOfPerson:
    """A shop as one of its people sees it."""

    tenant_id: UUID
    slug: str
    name: str
    role: Role
    state: TenantState


def find_person_by_email(email: str) -> Person | None:
    """The person with this address, however it was typed."""
    return db.session.scalars(select(Person).where(Person.email == email.lower())).one_or_none()


def get_person(person_id: UUID, *, lock: bool = False) -> Person:
    """The person, or PersonNotFound."""
    query = select(Person).where(Person.id == person_id)
    person = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if person is None:
        raise PersonNotFound
    return person


def list_names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called; unknown ids are left out."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    query = select(Person.id, Person.name).where(Person.id.in_(wanted))
    return {row.id: row.name for row in db.session.execute(query)}


def may_enter(*, person_id: UUID, tenant_id: UUID) -> bool:
    """Whether a person works in a shop at all; asked before that shop is acted for."""
    query = select(PersonTenant.id).where(
        PersonTenant.person_id == person_id, PersonTenant.tenant_id == tenant_id
    )
    return db.session.scalars(query).one_or_none() is not None


def find_membership(person_id: UUID) -> Membership | None:
    """What a person is in the shop acted for, unless they left."""
    query = select(Membership).where(
        Membership.person_id == person_id, Membership.left_at.is_(None)
    )
    return db.session.scalars(query).one_or_none()


def get_membership(person_id: UUID) -> Membership:
    """What a person is in the shop acted for, or MemberNotFound."""
    membership = find_membership(person_id)
    if membership is None:
        raise MemberNotFound
    return membership


def list_members() -> list[Member]:
    """Everyone who works in the shop acted for, longest first."""
    query = (
        select(Membership, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.left_at.is_(None))
        .order_by(Membership.joined_at, Membership.id)
    )
    return [
        Member(
            person.id, person.name, person.email, membership.role, membership.joined_at,
            person.second_factor_since is not None,
        )
        for membership, person in db.session.execute(query)
    ]  # fmt: skip


def get_invitation(invitation_id: UUID) -> Invitation:
    """An invitation of the shop acted for, in any state."""
    query = select(Invitation).where(Invitation.id == invitation_id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise InvitationIsOver
    return found


def list_open_invitations() -> list[Invitation]:
    """The invitations into the shop acted for that can still be used, newest first."""
    query = (
        select(Invitation)
        .where(
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.created_at.desc())
    )
    return list(db.session.scalars(query))


def list_shops_of(person_id: UUID) -> list[ShopOfPerson]:
    """The shops a person may enter, by name; closed ones only their owners."""
    query = (
        select(Tenant)
        .join(PersonTenant, PersonTenant.tenant_id == Tenant.id)
        .where(PersonTenant.person_id == person_id)
    )
    found = []
    for tenant in db.session.scalars(query).all():
        with acting_for(tenant.id):
            membership = find_membership(person_id)
            closed = tenant.state is TenantState.CLOSED
            if membership is not None and (not closed or membership.role is Role.OWNER):
                name = get_profile().name
                found.append(
                    ShopOfPerson(tenant.id, tenant.slug, name, membership.role, tenant.state)
                )
    return sorted(found, key=lambda shop: shop.name.casefold())
