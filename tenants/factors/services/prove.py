"""Proving oneself again within a sign-in, before something a thief would want."""

from uuid import UUID

from kernel.db import transaction
from kernel.errors import TooMany
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import new_token
from tenants.alerts.services import alert
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.services import record
from tenants.factors.errors import ProofsSpent, WrongProof
from tenants.factors.services.sign_in import try_code
from tenants.people.passwords import password_fits
from tenants.people.queries import get_person
from tenants.sessions.models import Realm
from tenants.sessions.rules import WRONG_PROOFS
from tenants.sessions.services import close_one_session, keep_proof
from tenants.sessions.throttle import forgive, spend

HOUR = 60


def prove_again(*, person_id: UUID, session_id: UUID, secret: str) -> str:
    """Returns the proof that this browser keeps for ten minutes. What is asked for is a code where
    there is a second factor, else the password.

    Refused: anything else; after five in an hour this sign-in is over, and the person is told.
    Nobody is shut out by that: whoever knows the password signs in anew.
    """
    count = f"proof|{session_id}"
    try:
        spend(count, limit=WRONG_PROOFS, minutes=HOUR)
    except TooMany:
        _end(person_id, session_id)
        raise ProofsSpent from None
    if not _fits(person_id, secret):
        raise WrongProof
    forgive(count)
    proof = new_token()
    keep_proof(session_id=session_id, proof=proof)
    return proof


def _fits(person_id: UUID, secret: str) -> bool:
    person = get_person(person_id)
    if person.second_factor_since is None:
        return password_fits(secret, person.password_hash)
    with acting_for(PLATFORM_ID), transaction():
        person = get_person(person_id, lock=True)
        return bool(try_code(person, secret, after_password=False).how)


def _end(person_id: UUID, session_id: UUID) -> None:
    person = get_person(person_id)
    with (
        acting_for(PLATFORM_ID),
        acting_as(Actor(ActorKind.PERSON, person_id, person.name)),
        transaction(),
    ):
        close_one_session(realm=Realm.MERCHANT, subject_id=person_id, session_id=session_id)
        record(action="person.proofs_spent", subject=str(person_id))
        alert(action="person.proofs_spent", subject=str(person_id), about=person_id)
