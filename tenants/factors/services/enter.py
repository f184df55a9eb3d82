"""Someone is in: after the password, the code where there is one, or a mail's link or code."""

from dataclasses import dataclass, field
from uuid import UUID

from kernel.db import transaction
from kernel.log import log
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import new_token
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.services import record
from tenants.people.queries import get_person
from tenants.sessions.models import Realm
from tenants.sessions.services import open_session


@dataclass(frozen=True)
class Entry:
    """What the browser keeps: the sign-in's token, and the proof that it was made just now."""

    token: str = field(repr=False)
    proof: str = field(repr=False)


def open_entry(
    *, person_id: UUID, how: str, device: str, address: str, replaces: str = ""
) -> Entry:
    """A person is signed in on a device; it stands in the audit and in the log."""
    person, proof = get_person(person_id), new_token()
    with (
        acting_for(PLATFORM_ID),
        acting_as(Actor(ActorKind.PERSON, person_id, person.name)),
        transaction(),
    ):
        token = open_session(
            realm=Realm.MERCHANT, subject_id=person_id, device=device, address=address,
            replaces=replaces, proof=proof,
        )  # fmt: skip
        record(action="person.signed_in", subject=str(person_id), how=how)
    log.info("signed_in", realm=Realm.MERCHANT.value, person_id=str(person_id), how=how)
    return Entry(token, proof)
