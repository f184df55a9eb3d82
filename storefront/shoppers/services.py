"""Signing in to one's own orders with a code from a mail."""

import hmac
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import for_update, insert_unless_there, transaction
from kernel.outbox import announce
from kernel.vault import hash_code, new_code
from storefront.shoppers.errors import CodeDoesNotFit, DeviceNotFound
from storefront.shoppers.models import ShopperSignIn, SignInCode
from storefront.shoppers.queries import find_sign_in
from tenants.sessions.rules import SHOPPER

GOOD_FOR = timedelta(minutes=10)
TRIES = 5
MAX_DEVICE = 200


def ask_for_code(*, shopper_session_id: UUID, email: str, language: str) -> None:
    """A code for this browser and address is asked for; the former one is worth nothing.

    Whether the address is known here is found out by a job, so that no answer takes longer.
    """
    with transaction() as session:
        insert_unless_there(
            SignInCode, shopper_session_id=shopper_session_id, email=email, expires_at=clock.now()
        )
        asked = _locked(session, shopper_session_id)
        assert asked is not None, "written above or before"
        asked.email, asked.attempts = email, 0
        asked.asked_at, asked.expires_at = clock.now(), clock.now() + GOOD_FOR
        asked.code_hash = ""
        announce("shopper.code_asked", code_id=asked.id, language=language)


def make_code(*, code_id: UUID) -> str:
    """A fresh code fits where it was asked for; any former one does not."""
    code = new_code()
    with transaction() as session:
        query = select(SignInCode).where(SignInCode.id == code_id)
        asked = session.scalars(for_update(query)).one()
        asked.code_hash = _hashed(code, asked.shopper_session_id, asked.email)
    return code


def sign_in(*, shopper_session_id: UUID, code: str, device: str) -> str:
    """The browser's visitor has proven the address it asked for; returns that address.

    Refused: a wrong, used or old code, and any code after five wrong ones.
    """
    email = _spend_code(shopper_session_id, code)
    if email is None:
        raise CodeDoesNotFit
    with transaction() as session:
        session.execute(
            delete(ShopperSignIn).where(ShopperSignIn.shopper_session_id == shopper_session_id)
        )
        session.add(
            ShopperSignIn(
                shopper_session_id=shopper_session_id, email=email, device=device[:MAX_DEVICE]
            )
        )
    return email


def sign_out(*, shopper_session_id: UUID) -> None:
    """The browser no longer shows anyone's orders; its cart stays."""
    with transaction() as session:
        session.execute(
            delete(ShopperSignIn).where(ShopperSignIn.shopper_session_id == shopper_session_id)
        )


def sign_out_device(*, shopper_session_id: UUID, sign_in_id: UUID) -> None:
    """One of the shopper's own browsers is signed out. Refused: someone else's."""
    with transaction() as session:
        mine = find_sign_in(shopper_session_id)
        query = select(ShopperSignIn).where(ShopperSignIn.id == sign_in_id)
        found = session.scalars(query).one_or_none()
        if mine is None or found is None or found.email != mine.email:
            raise DeviceNotFound
        session.delete(found)


def forget_what_is_over() -> None:
    """Codes whose time is over are gone, and sign-ins that outlived any browser's session."""
    now = clock.now()
    with transaction() as session:
        session.execute(delete(SignInCode).where(SignInCode.expires_at < now))
        session.execute(
            delete(ShopperSignIn).where(ShopperSignIn.signed_in_at < now - SHOPPER.total)
        )


def _spend_code(shopper_session_id: UUID, code: str) -> str | None:
    """The address a right code proves; a wrong try is counted even though it is refused."""
    with transaction() as session:
        asked = _locked(session, shopper_session_id)
        if asked is None or asked.attempts >= TRIES or asked.expires_at <= clock.now():
            return None
        asked.attempts += 1
        wanted = _hashed(code.strip(), shopper_session_id, asked.email)
        if not asked.code_hash or not hmac.compare_digest(wanted, asked.code_hash):
            return None
        session.delete(asked)
        return asked.email


def _locked(session: Session, shopper_session_id: UUID) -> SignInCode | None:
    query = select(SignInCode).where(SignInCode.shopper_session_id == shopper_session_id)
    return session.scalars(for_update(query)).one_or_none()


def _hashed(code: str, shopper_session_id: UUID, email: str) -> str:
    return hash_code(code, purpose=f"shopper|{shopper_session_id}|{email}")
