"""Reading carts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kernel.db import db, for_update
from storefront.carts.models import Cart, CartLine
from storefront.carts.rules import CartNow, Seen, cart_now, line_now, seen_of
from storefront.catalog.models import Product
from storefront.pickup.queries import list_open_places
from tenants.accounts.queries import get_profile


def find_cart(shopper_session_id: UUID, *, lock: bool = False) -> Cart | None:
    """The cart of a browser with its lines and products, if anything was ever put in."""
    query = (
        select(Cart)
        .where(Cart.shopper_session_id == shopper_session_id)
        .options(selectinload(Cart.lines).joinedload(CartLine.product).selectinload(Product.photos))
    )
    return db.session.scalars(for_update(query, of=Cart) if lock else query).one_or_none()


def lock_cart(shopper_session_id: UUID) -> Cart | None:
    """The cart with its lines and products as they are now; nobody else changes it meanwhile."""
    return find_cart(shopper_session_id, lock=True)


def look_at_cart(shopper_session_id: UUID | None, currency: str) -> CartNow:
    """What a browser's cart holds at today's prices; an empty one for a new visitor."""
    cart = find_cart(shopper_session_id) if shopper_session_id else None
    return cart_now(None, [], currency) if cart is None else as_now(cart, currency)


def as_now(cart: Cart, currency: str) -> CartNow:
    """A loaded cart with its products' present prices and stock."""
    lines = [
        line_now(line.id, line.product, line.quantity_milli, line.seen, currency)
        for line in cart.lines
    ]
    return cart_now(cart.id, lines, currency)


def what_is_shown(shopper_session_id: UUID) -> Seen:
    """What a page says that shows this visitor's cart and all open places at this moment."""
    cart = look_at_cart(shopper_session_id, get_profile().currency)
    return seen_of(cart, list_open_places())
