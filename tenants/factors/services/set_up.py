"""A person sets up a second factor, moves it to another phone, or has new recovery codes."""

from dataclasses import dataclass, field
from uuid import UUID

from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.scope import PLATFORM_ID, acting_for
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.factors.codes import give_new_papers, open_secret, seal_secret
from tenants.factors.errors import NoFactor, NothingToConfirm, WrongCode
from tenants.factors.models import PersonFactor
from tenants.factors.queries import FACTORS, find_factor
from tenants.factors.rules import (
    SET_UP_GOOD_FOR,
    find_totp_step,
    is_totp,
    new_totp_secret,
    plain_code,
    provisioning_uri,
)
from tenants.people.queries import get_person
from tenants.sessions.models import Realm
from tenants.sessions.services import close_sessions

ISSUER = "Sheaf"


@dataclass(frozen=True)
class SetUp:
    """What an app must learn: by its camera, or typed."""

    uri: str = field(repr=False)
    secret: str = field(repr=False)


def begin_set_up(*, person_id: UUID) -> None:
    """A new secret waits to be confirmed; what is in force stays so until then."""
    with transaction():
        insert_unless_there(
            PersonFactor, person_id=person_id, totp_secret="", pending_secret="",
            last_totp_step=0, wrong_codes=0, wrong_codes_that_day=0,
        )  # fmt: skip
        factor = find_factor(person_id, lock=True)
        assert factor is not None, "it was there or has just been made"
        factor.pending_secret = seal_secret(FACTORS, person_id, new_totp_secret())
        factor.pending_at = clock.now()


def find_set_up(person_id: UUID) -> SetUp | None:
    """What a person is setting up, for half an hour."""
    factor = find_factor(person_id)
    if factor is None or not _waits(factor):
        return None
    secret = open_secret(FACTORS, person_id, factor.pending_secret)
    email = get_person(person_id).email
    return SetUp(provisioning_uri(secret, email=email, issuer=ISSUER), secret)


def confirm_set_up(*, person_id: UUID, code: str, keep: UUID) -> list[str]:
    """The app shows the right code, so it is asked for from now on; returns ten recovery codes.

    All other sign-ins are over: none of them ever gave a code. Refused: a wrong code, and a set-up
    that took too long. The present recovery codes work no more.
    """
    with acting_for(PLATFORM_ID), transaction():
        person = get_person(person_id, lock=True)
        factor = find_factor(person_id, lock=True)
        if factor is None or not _waits(factor):
            raise NothingToConfirm
        secret = open_secret(FACTORS, person_id, factor.pending_secret)
        typed = plain_code(code)
        step = find_totp_step(secret, typed, at=clock.now(), after=0) if is_totp(typed) else None
        if step is None:
            raise WrongCode
        moved = factor.confirmed_at is not None
        factor.totp_secret, factor.last_totp_step = factor.pending_secret, step
        factor.pending_secret, factor.pending_at = "", None
        factor.confirmed_at = clock.now()
        factor.wrong_codes = factor.wrong_codes_that_day = 0
        person.second_factor_since = factor.confirmed_at
        close_sessions(realm=Realm.MERCHANT, subject_id=person_id, keep=keep)
        action = "person.factor_moved" if moved else "person.factor_set_up"
        record(action=action, subject=str(person_id))
        alert(action=action, subject=str(person_id), about=person_id)
        return give_new_papers(FACTORS, person_id)


def renew_recovery_codes(*, person_id: UUID) -> list[str]:
    """Ten new recovery codes; those before work no more. Refused: without a second factor."""
    with acting_for(PLATFORM_ID), transaction():
        factor = find_factor(person_id, lock=True)
        if factor is None or factor.confirmed_at is None:
            raise NoFactor
        record(action="person.recovery_codes_renewed", subject=str(person_id))
        alert(action="person.recovery_codes_renewed", subject=str(person_id), about=person_id)
        return give_new_papers(FACTORS, person_id)


def _waits(factor: PersonFactor) -> bool:
    begun = factor.pending_at
    return begun is not None and begun > clock.now() - SET_UP_GOOD_FOR
