"""Reading second factors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kernel.db import db, for_update, transaction
from kernel.scope import acting_for
from tenants.accounts.models import ShopProfile
from tenants.accounts.queries import get_profile
from tenants.factors.codes import Kept, count_papers
from tenants.factors.models import PersonFactor, PersonRecoveryCode
from tenants.factors.rules import factor_due
from tenants.people.models import Person
from tenants.people.queries import find_membership, list_shops_of
from tenants.people.rules import Role

FACTORS = Kept("person", PersonRecoveryCode, PersonRecoveryCode.person_id)


def find_factor(person_id: UUID, *, lock: bool = False) -> PersonFactor | None:
    """What a person has set up or is setting up."""
    query = select(PersonFactor).where(PersonFactor.person_id == person_id)
    if not lock:
        return db.session.scalars(query).one_or_none()
    with transaction() as session:
        return session.scalars(for_update(query)).one_or_none()


def has_factor(person_id: UUID) -> bool:
    """Whether a person gives a code after the password."""
    query = select(Person.second_factor_since).where(Person.id == person_id)
    return db.session.scalars(query).one() is not None


def count_recovery_codes(person_id: UUID) -> int:
    """How many recovery codes a person has left."""
    return count_papers(FACTORS, person_id)


def due_of(profile: ShopProfile, *, role: Role, joined_at: datetime) -> datetime | None:
    """From when on this shop lets someone in only with a second factor."""
    return factor_due(
        role=role,
        joined_at=joined_at,
        owners_since=profile.owners_need_factor_since,
        all_since=profile.all_need_factor_since,
    )


def list_demands(person_id: UUID) -> list[tuple[str, datetime]]:
    """The shops that ask a second factor of a person, each with when it does, soonest first."""
    found = []
    for shop in list_shops_of(person_id):
        with acting_for(shop.tenant_id):
            profile, member = get_profile(), find_membership(person_id)
            if member is None:
                continue
            due = due_of(profile, role=member.role, joined_at=member.joined_at)
        if due is not None:
            found.append((shop.name, due))
    return sorted(found, key=lambda demand: demand[1])
