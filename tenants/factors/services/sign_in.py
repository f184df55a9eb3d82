"""The second half of signing in: a code, after the right password."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import hash_token, is_token, new_token
from tenants.alerts.services import alert
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.factors.codes import Outcome, use_code
from tenants.factors.errors import SignInIsOver, TooManyCodes, WrongCode
from tenants.factors.models import PendingSignIn
from tenants.factors.queries import FACTORS, count_recovery_codes, find_factor
from tenants.factors.rules import (
    SIGN_IN_GOOD_FOR,
    WRONG_AT_ONE_SIGN_IN,
    is_totp,
    may_guess,
    plain_code,
)
from tenants.people.models import Person
from tenants.people.queries import get_person


def begin_second_step(*, person_id: UUID) -> str:
    """Someone gave the right password; returns the token that the code must come with."""
    token = new_token()
    with transaction() as session:
        session.add(
            PendingSignIn(
                person_id=person_id,
                token_hash=hash_token(token),
                expires_at=clock.now() + SIGN_IN_GOOD_FOR,
            )
        )
    return token


def waits_for_code(token: str) -> bool:
    """Whether a code may still be given with this token."""
    if not is_token(token):
        return False
    query = select(PendingSignIn).where(PendingSignIn.token_hash == hash_token(token))
    found = db.session.scalars(query).one_or_none()
    return found is not None and _stands(found)


def finish_second_step(token: str, *, code: str) -> Person:
    """The code fits, so this is the person; the token works no more. Refused: a wrong code, the
    sixth try, and what took too long: then the password is asked for again."""
    if not is_token(token):
        raise SignInIsOver
    with acting_for(PLATFORM_ID):
        person, outcome, left = _try(token, code)
        if outcome.how:
            return person
        if not left:
            raise SignInIsOver
        factor = find_factor(person.id)
        stopped = factor and not may_guess(factor.wrong_codes, factor.wrong_codes_that_day)
        if stopped and is_totp(plain_code(code)):
            raise TooManyCodes
    raise WrongCode


def _try(token: str, code: str) -> tuple[Person, Outcome, bool]:
    query = select(PendingSignIn).where(PendingSignIn.token_hash == hash_token(token))
    with transaction() as session:
        pending = session.scalars(for_update(query)).one_or_none()
        if pending is None or not _stands(pending):
            raise SignInIsOver
        person = get_person(pending.person_id, lock=True)
        outcome = try_code(person, code)
        if outcome.how:
            session.delete(pending)
        else:
            pending.wrong_codes += 1
        return person, outcome, _stands(pending)


def try_code(person: Person, code: str, *, after_password: bool = True) -> Outcome:
    """A code of a person's app or paper, tried once; they hear of it when many were wrong. Call
    with the person's row locked."""
    with transaction():
        factor = find_factor(person.id, lock=True)
        if factor is None or factor.confirmed_at is None:
            return Outcome()
        outcome = use_code(
            FACTORS, factor, person.id, code,
            since=person.password_changed_at, after_password=after_password,
        )  # fmt: skip
        with acting_as(Actor(ActorKind.PERSON)):
            if outcome.alarm:
                alert(action="person.codes_guessed", subject=str(person.id), about=person.id)
        if outcome.how == "recovery code":
            with acting_as(Actor(ActorKind.PERSON, person.id, person.name)):
                alert(
                    action="person.recovery_code_used", subject=str(person.id), about=person.id,
                    left=count_recovery_codes(person.id),
                )  # fmt: skip
        return outcome


def forget_old_second_steps() -> None:
    """Sign-ins that were never finished are gone."""
    before = clock.now() - timedelta(hours=1)
    with transaction() as session:
        session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < before))


def _stands(pending: PendingSignIn) -> bool:
    return pending.wrong_codes < WRONG_AT_ONE_SIGN_IN and pending.expires_at > clock.now()
