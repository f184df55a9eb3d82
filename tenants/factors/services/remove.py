"""A second factor goes: by its person, by another owner, or by Sheaf's staff."""

from uuid import UUID

from kernel.db import transaction
from kernel.scope import PLATFORM_ID, acting_for, current_tenant_id
from tenants.alerts.services import alert
from tenants.audit.actors import current_actor
from tenants.audit.services import record
from tenants.factors.codes import drop_papers
from tenants.factors.errors import FactorIsRequired, NoFactor, NotYourOwn, WorksElsewhere
from tenants.factors.queries import FACTORS, find_factor, list_demands
from tenants.people.queries import get_membership, get_person, list_shops_of
from tenants.sessions.models import Realm
from tenants.sessions.services import close_sessions


def remove_own_factor(*, person_id: UUID) -> None:
    """The password alone signs in again. Refused: while a shop asks for a second factor."""
    for shop, _due in list_demands(person_id):
        raise FactorIsRequired(shop=shop)
    with acting_for(PLATFORM_ID), transaction():
        _remove(person_id)
        record(action="person.factor_removed", subject=str(person_id))
        alert(action="person.factor_removed", subject=str(person_id), about=person_id)


def reset_factor_of_member(*, person_id: UUID) -> None:
    """A colleague who lost phone and codes signs in with the password alone and is signed out
    everywhere; all owners hear of it. Refused: for oneself, and for someone of other shops too,
    whose owners have no say here."""
    get_membership(person_id)
    if person_id == current_actor().id:
        raise NotYourOwn
    here = current_tenant_id()
    if any(shop.tenant_id != here for shop in list_shops_of(person_id)):
        raise WorksElsewhere
    with transaction():
        _remove(person_id)
        close_sessions(realm=Realm.MERCHANT, subject_id=person_id)
        record(action="person.factor_reset", subject=str(person_id))
        alert(action="person.factor_reset", subject=str(person_id), about=person_id)


def reset_factor_by_staff(*, person_id: UUID, reason: str) -> None:
    """The same, by Sheaf for whoever has nobody else; they and the owners of their shops hear."""
    with acting_for(PLATFORM_ID), transaction():
        _remove(person_id)
        close_sessions(realm=Realm.MERCHANT, subject_id=person_id)
        record(action="person.factor_reset", subject=str(person_id), reason=reason)
        alert(action="person.factor_reset", subject=str(person_id), about=person_id)


def _remove(person_id: UUID) -> None:
    person = get_person(person_id, lock=True)
    factor = find_factor(person_id, lock=True)
    if factor is None or factor.confirmed_at is None:
        raise NoFactor
    factor.totp_secret = factor.pending_secret = ""
    factor.confirmed_at = factor.pending_at = None
    drop_papers(FACTORS, person_id)
    person.second_factor_since = None
