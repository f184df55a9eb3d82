"""The way in for new people: a wish, a code by mail that proves the address, then the shop.

What the visitor is told and what the server does for them is the same whether the address has an
account or not; only the mail differs.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from kernel import clock
from kernel.db import db, for_update, insert_unless_there, new_id, transaction
from kernel.outbox import announce
from kernel.scope import PLATFORM_ID, acting_for
from kernel.vault import hash_code, new_code, read_signed, sign
from tenants.accounts.errors import SlugTaken
from tenants.accounts.services import NewShop, check_shop, find_free_slug, is_taken, open_shop
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.names.services import check_person_name
from tenants.people.errors import (
    AskedTooOften,
    CodeDoesNotFit,
    CodeIsSpent,
    SignUpIsOver,
)
from tenants.people.models import Person, SignUp
from tenants.people.passwords import check_password, hash_password
from tenants.people.queries import find_person_by_email
from tenants.people.services.invitations import accept_invitation, tenant_of_invitation
from tenants.sessions.throttle import (
    note_volume,
    place_of,
    spend_from,
    spend_mailbox,
    wrong_tries,
)

GOOD_FOR = timedelta(hours=1)
CODE_GOOD_FOR = timedelta(minutes=10)
# Eight digits, five tries a code, and from one place thirty wrong ones a day: somebody with a
# hundred places finds the code of one address, of any, once in about ninety years.
DIGITS, TRIES, CODES = 8, 5, 3
WRONG_A_DAY, A_DAY = 30, 24 * 60
FROM_ONE_PLACE, USUAL = 20, 500
PURPOSE = "sign-up"
HOUR = 60


@dataclass(frozen=True)
class Newcomer:
    """Someone who wants in: with a shop to open, or with an invitation's token."""

    name: str
    email: str
    password: str
    language: str
    shop: NewShop | None = None
    invitation: str = ""


@dataclass(frozen=True)
class Arrival:
    """Someone who got in: who they are, and the shop whose back office is theirs to open."""

    person_id: UUID
    tenant_id: UUID


def start_sign_up(newcomer: Newcomer, *, address: str) -> str:
    """A code is on its way; returns the token of the page where it is typed in.

    Refused: a weak password, an address of a shop that is taken, and too many wishes.
    """
    email = newcomer.email.strip().lower()
    _check(newcomer)
    spend_from("sign-up", address, limit=FROM_ONE_PLACE, minutes=HOUR)
    spend_mailbox("sign-up to", email, address)
    note_volume("sign-up", usual=USUAL, minutes=HOUR)
    hashed = hash_password(newcomer.password)
    shop = newcomer.shop
    with acting_for(PLATFORM_ID), transaction() as session:
        sign_up = SignUp(
            email=email,
            name=newcomer.name.strip() or name_from(email),
            password_hash=hashed,
            language=newcomer.language,
            shop_name=shop.name.strip() if shop else "",
            slug=shop.slug if shop else "",
            currency=shop.currency if shop else "",
            time_zone=shop.time_zone if shop else "",
            invitation=newcomer.invitation,
            expires_at=clock.now() + GOOD_FOR,
        )
        session.add(sign_up)
        announce("sign_up.code_asked", sign_up_id=sign_up.id)
    return sign([str(sign_up.id)], purpose=PURPOSE)


def name_from(email: str) -> str:
    """What to call someone of whom only an address is known; they can change it."""
    local = email.partition("@")[0]
    letters = re.match(r"[^\W\d_]{2,}", local)
    return (letters.group() if letters else local).title()


def _check(newcomer: Newcomer) -> None:
    shop = newcomer.shop
    about = [newcomer.name, newcomer.email.partition("@")[0], newcomer.email]
    check_person_name(newcomer.name)
    if shop is not None:
        check_shop(shop)
        about += [shop.name, shop.slug]
        if is_taken(shop.slug):
            raise SlugTaken(free=find_free_slug(shop.slug))
    check_password(newcomer.password, about=about)


def find_sign_up(token: str) -> SignUp | None:
    """The wish a token is for, while it can still come true."""
    parts = read_signed(token, purpose=PURPOSE)
    if parts is None:
        return None
    found = db.session.scalars(select(SignUp).where(SignUp.id == UUID(parts[0]))).one_or_none()
    return found if found is not None and _is_open(found) else None


def ask_again(token: str, *, address: str = "") -> None:
    """Another code is on its way and the one before is worth nothing. Refused after three, and
    while the mailbox is full."""
    wish = find_sign_up(token)
    if wish is None:
        raise SignUpIsOver
    spend_mailbox("sign-up to", wish.email, address)
    with acting_for(PLATFORM_ID), transaction():
        sign_up = _lock(token)
        if sign_up.codes_asked >= CODES:
            raise AskedTooOften
        sign_up.codes_asked += 1
        announce("sign_up.code_asked", sign_up_id=sign_up.id)


def renew_code(sign_up_id: UUID) -> tuple[SignUp, str]:
    """A new code for the mail; empty when the address has an account: then no code fits."""
    with transaction() as session:
        sign_up = session.scalars(for_update(select(SignUp).where(SignUp.id == sign_up_id))).one()
        code = "" if find_person_by_email(sign_up.email) else new_code(DIGITS)
        sign_up.code_made_at = clock.now()
        sign_up.code_hash = _hashed(code, sign_up) if code else ""
        sign_up.attempts = 0
    return sign_up, code


def prove_address(token: str, *, code: str, address: str = "") -> None:
    """The code from the mail fits, so the address is theirs. Refused: any other, one older than
    ten minutes, the sixth try at one code, and the thirty-first wrong one in a day from a place."""
    here = f"sign-up code|{place_of(address)}"
    with wrong_tries(here, limit=WRONG_A_DAY, minutes=A_DAY):
        _prove(token, code)


def _prove(token: str, code: str) -> None:
    with acting_for(PLATFORM_ID), transaction():
        sign_up = _lock(token)
        if sign_up.proven_at is not None:
            return
        sign_up.attempts += 1
        spent = sign_up.attempts > TRIES
        fits = not spent and _fits(code, sign_up)
        if fits:
            sign_up.proven_at = clock.now()
    if spent:
        raise CodeIsSpent
    if not fits:
        raise CodeDoesNotFit(left=TRIES - sign_up.attempts)


def finish_sign_up(token: str, *, slug: str = "", shop_name: str = "") -> Arrival:
    """The person exists and stands in their shop. Refused: without the code, twice, and when the
    shop's address or name was taken meanwhile; then `slug` and `shop_name` are others."""
    wish = find_sign_up(token)
    if wish is None:
        raise SignUpIsOver
    tenant_id = tenant_of_invitation(wish.invitation) if wish.invitation else new_id()
    with acting_for(tenant_id), transaction():
        sign_up = _lock(token)
        if sign_up.proven_at is None:
            raise SignUpIsOver
        person = _person(sign_up)
        with acting_as(Actor(ActorKind.PERSON, person.id, person.name)):
            if sign_up.invitation:
                accept_invitation(sign_up.invitation, person_id=person.id)
            else:
                open_shop(
                    shop=_shop(sign_up, slug, shop_name), owner_id=person.id, tenant_id=tenant_id
                )
        sign_up.finished_at = clock.now()
        sign_up.password_hash = sign_up.code_hash = ""
    return Arrival(person.id, tenant_id)


def _person(sign_up: SignUp) -> Person:
    # Who has proven the address twice is one person, and the first password stays.
    insert_unless_there(
        Person,
        email=sign_up.email,
        name=sign_up.name,
        password_hash=sign_up.password_hash,
        language=sign_up.language,
    )
    person = find_person_by_email(sign_up.email)
    assert person is not None, "it was there or has just been made"
    return person


def _shop(sign_up: SignUp, slug: str, name: str) -> NewShop:
    other = "en" if sign_up.language == "zh" else "zh"
    return NewShop(
        name=name or sign_up.shop_name,
        slug=slug or sign_up.slug,
        currency=sign_up.currency,
        time_zone=sign_up.time_zone,
        languages=[sign_up.language, other],
    )


def forget_old_sign_ups() -> None:
    """Wishes that did not come true in a day are gone, with what they held."""
    before = clock.now() - timedelta(days=1)
    with transaction() as session:
        session.execute(delete(SignUp).where(SignUp.expires_at < before))


def _is_open(sign_up: SignUp) -> bool:
    return sign_up.finished_at is None and sign_up.expires_at > clock.now()


def _lock(token: str) -> SignUp:
    parts = read_signed(token, purpose=PURPOSE)
    if parts is None:
        raise SignUpIsOver
    with transaction() as session:
        query = for_update(select(SignUp).where(SignUp.id == UUID(parts[0])))
        found = session.scalars(query).one_or_none()
    if found is None or not _is_open(found):
        raise SignUpIsOver
    return found


def _hashed(code: str, sign_up: SignUp) -> str:
    return hash_code(code, purpose=f"sign-up|{sign_up.id}")


def _fits(code: str, sign_up: SignUp) -> bool:
    made = sign_up.code_made_at
    if not sign_up.code_hash or made is None or made + CODE_GOOD_FOR <= clock.now():
        return False
    return hmac.compare_digest(_hashed(code, sign_up), sign_up.code_hash)
