"""Signing in with a password, changing it, and getting back in without it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from kernel import clock
from kernel.db import db, for_update, transaction
from kernel.errors import TooMany
from kernel.outbox import announce
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import new_token, read_signed, sign
from tenants.alerts.services import alert
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.services import record
from tenants.people.errors import ManyWrongPasswords, ResetIsOver, WrongPassword, WrongSignIn
from tenants.people.models import PasswordReset, Person
from tenants.people.passwords import check_password, hash_password, is_outdated, password_fits
from tenants.people.queries import find_person_by_email, get_person
from tenants.sessions.models import Realm
from tenants.sessions.services import close_sessions
from tenants.sessions.throttle import forgive, note_volume, place_of, spend, spend_from

RESET_GOOD_FOR = timedelta(minutes=30)
PURPOSE, KNOWN_DEVICE = "password-reset", "known device"
NEXT_MAIL = timedelta(minutes=15)  # well before the link of the one before runs out
WINDOW = 15
PER_ACCOUNT, PER_PLACE, USUAL = 10, 60, 2000
WRONG_FOR_ONE_ACCOUNT = 40
RESETS_PER_PLACE, USUAL_RESETS = 20, 300


def check_sign_in(*, email: str, password: str, address: str, device: str = "") -> Person:
    """Whoever has this address and password. Refused alike: a wrong password and an address
    that nobody has; and too many tries from one place, for one account from there or in all.

    `device` is what the browser proved of an earlier sign-in as this person (known_device): it is
    counted by itself, however many strangers share its place. The right password signs in however
    many wrong ones strangers have tried from elsewhere.
    """
    wanted = email.strip().lower()
    here = f"sign-in|{wanted}|{device or place_of(address)}"
    if not device:
        spend_from("sign-in from", address, limit=PER_PLACE, minutes=WINDOW)
    spend(here, limit=PER_ACCOUNT, minutes=WINDOW)
    note_volume("sign-in", usual=USUAL, minutes=WINDOW)
    person = find_person_by_email(wanted)
    fits = password_fits(password, person.password_hash if person else None)
    if person is None or not fits:
        _count_wrong(wanted)
        raise WrongSignIn
    forgive(here)
    if is_outdated(person.password_hash):
        with transaction():
            person.password_hash = hash_password(password)
    return person


def known_device_token(person_id: UUID) -> str:
    """What a browser keeps after this person signed in there; it opens nothing."""
    return sign([person_id.hex, new_token()], purpose=KNOWN_DEVICE)


def known_device(token: str, *, email: str) -> str:
    """The name of a browser in which the person with this address has signed in before, or ""."""
    parts = read_signed(token, purpose=KNOWN_DEVICE)
    person = find_person_by_email(email.strip().lower()) if parts else None
    if parts is None or person is None or parts[0] != person.id.hex:
        return ""
    return parts[1]


def _count_wrong(wanted: str) -> None:
    try:
        spend(f"sign-in wrong|{wanted}", limit=WRONG_FOR_ONE_ACCOUNT, minutes=WINDOW)
    except TooMany as error:
        raise ManyWrongPasswords(minutes=WINDOW) from error


def change_password(*, person_id: UUID, current: str, password: str, address: str) -> None:
    """The person has this password and is signed out everywhere. Refused: without the present
    one, and a weak one."""
    spend_from("sign-in from", address, limit=PER_PLACE, minutes=WINDOW)
    spend(f"password|{person_id}", limit=PER_ACCOUNT, minutes=WINDOW)
    person = get_person(person_id)
    if not password_fits(current, person.password_hash):
        raise WrongPassword
    _set_password(person, password, action="person.password_changed")


def ask_for_reset(*, email: str, language: str, address: str) -> None:
    """A mail is on its way, or went there less than a quarter of an hour ago and still works: with
    a link for those who have an account, without for others. So nobody fills a mailbox, and nobody
    keeps its owner from the link. Refused: too many from one place."""
    wanted = email.strip().lower()
    spend_from("reset from", address, limit=RESETS_PER_PLACE, minutes=60)
    note_volume("reset", usual=USUAL_RESETS, minutes=60)
    if _was_mailed(wanted):
        return
    with acting_for(PLATFORM_ID), transaction() as session:
        reset = PasswordReset(
            email=wanted, language=language, expires_at=clock.now() + RESET_GOOD_FOR
        )
        session.add(reset)
        announce("password_reset.asked", reset_id=reset.id)


def _was_mailed(email: str) -> bool:
    query = select(PasswordReset.id).where(
        PasswordReset.email == email,
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > clock.now() + RESET_GOOD_FOR - NEXT_MAIL,
    )
    return db.session.scalars(query.limit(1)).first() is not None


def prepare_reset(reset_id: UUID) -> tuple[PasswordReset, str]:
    """The wish, and the token for its link; no token where nobody has the address."""
    with transaction() as session:
        query = for_update(select(PasswordReset).where(PasswordReset.id == reset_id))
        reset = session.scalars(query).one()
        person = find_person_by_email(reset.email)
        reset.person_id = person.id if person else None
    return reset, sign([str(reset.id)], purpose=PURPOSE) if person else ""


def forget_old_resets() -> None:
    """Links that ran out a day ago are gone, with the addresses they were asked for."""
    before = clock.now() - timedelta(days=1)
    with transaction() as session:
        session.execute(delete(PasswordReset).where(PasswordReset.expires_at < before))


def find_reset(token: str) -> PasswordReset | None:
    """The wish a link is for, while it can be used."""
    parts = read_signed(token, purpose=PURPOSE)
    if parts is None:
        return None
    query = select(PasswordReset).where(PasswordReset.id == UUID(parts[0]))
    found = db.session.scalars(query).one_or_none()
    return found if found is not None and _is_open(found) else None


def reset_password(token: str, *, password: str) -> UUID:
    """The person has this password and is signed out everywhere; every link sent to them is used.

    Refused: a link that was used or is too old, and a weak password.
    """
    reset = find_reset(token)
    if reset is None or reset.person_id is None:
        raise ResetIsOver
    person = get_person(reset.person_id)
    _set_password(person, password, action="person.password_reset", used=reset.id)
    return person.id


def _set_password(person: Person, password: str, *, action: str, used: UUID | None = None) -> None:
    check_password(password, about=[person.name, person.email.partition("@")[0], person.email])
    hashed = hash_password(password)
    actor = Actor(ActorKind.PERSON, person.id, person.name)
    with acting_for(PLATFORM_ID), acting_as(actor), transaction():
        _use_up_resets(person.id, must_be_open=used)
        owner = get_person(person.id, lock=True)
        owner.password_hash, owner.password_changed_at = hashed, clock.now()
        close_sessions(realm=Realm.MERCHANT, subject_id=person.id)
        record(action=action, subject=str(person.id))
        alert(action=action, subject=str(person.id), about=person.id)


def _use_up_resets(person_id: UUID, *, must_be_open: UUID | None) -> None:
    query = select(PasswordReset).where(
        PasswordReset.person_id == person_id, PasswordReset.used_at.is_(None)
    )
    with transaction() as session:
        unused = session.scalars(for_update(query.order_by(PasswordReset.id))).all()
    if must_be_open is not None and must_be_open not in {reset.id for reset in unused}:
        raise ResetIsOver
    for reset in unused:
        reset.used_at = clock.now()


def _is_open(reset: PasswordReset) -> bool:
    return reset.used_at is None and reset.expires_at > clock.now()
