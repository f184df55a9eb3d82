"""Reading who has proven an address where."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import db
from storefront.shoppers.models import ShopperSignIn, SignInCode


def find_sign_in(shopper_session_id: UUID) -> ShopperSignIn | None:
    """The address that was proven in this browser, if any."""
    query = select(ShopperSignIn).where(ShopperSignIn.shopper_session_id == shopper_session_id)
    return db.session.scalars(query).one_or_none()


def find_email_to_prove(code_id: UUID) -> str | None:
    """The address that a code was asked for, unless one was typed in since."""
    query = select(SignInCode.email).where(SignInCode.id == code_id)
    return db.session.scalars(query).one_or_none()


def list_sign_ins(email: str) -> list[ShopperSignIn]:
    """Every browser in which this address was proven, newest first."""
    query = select(ShopperSignIn).where(ShopperSignIn.email == email)
    return list(db.session.scalars(query.order_by(ShopperSignIn.signed_in_at.desc())))
