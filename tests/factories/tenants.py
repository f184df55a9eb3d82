"""Makers of people and of what proves who they are."""

from functools import cache

from kernel.db import transaction
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.people.models import Person
from tenants.people.passwords import hash_password
from tenants.people.rules import Role
from tenants.people.services import join_shop
from tenants.sessions.models import Realm
from tenants.sessions.services import open_session

PASSWORD = "four carrots in a row"
PROOF = "what-this-browser-has-proved-just-now"


@cache
def password_hash() -> str:
    """Hashed once; making it is slow on purpose."""
    return hash_password(PASSWORD)


def make_person(name: str = "Dana", *, email: str = "", language: str = "en") -> Person:
    """Someone with a proven address; PASSWORD signs them in."""
    person = Person(
        email=email or f"{name.lower()}@example.org",
        name=name,
        password_hash=password_hash(),
        language=language,
    )
    with transaction() as session:
        session.add(person)
    return person


def make_member(
    tenant: Tenant, name: str = "Dana", *, role: Role = Role.PACKER, email: str = ""
) -> Person:
    """Someone who works in a shop."""
    person = make_person(name, email=email)
    with acting_for(tenant.id):
        join_shop(person_id=person.id, role=role)
    return person


def sign_in_token(person: Person, *, device: str = "Test browser") -> str:
    """The value of the merchants' cookie on a device where this person has just signed in; where
    PROOF is the value of the cookie beside it, they have just proved who they are."""
    return open_session(
        realm=Realm.MERCHANT, subject_id=person.id, device=device, address="192.0.2.1", proof=PROOF
    )
