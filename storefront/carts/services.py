"""Filling and emptying carts. Nothing here holds stock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.i18n import quantity_text
from kernel.quantity import decimal_quantity, is_multiple
from storefront.carts.errors import (
    CartHasChanged,
    CartIsFull,
    NotForSale,
    NotInThisStep,
    NotSoMuchLeft,
)
from storefront.carts.models import Cart, CartLine
from storefront.carts.queries import as_now, find_cart
from storefront.carts.rules import MAX_LINES, Seen, Terms, line_differences, seen_of, terms_of
from storefront.catalog.models import Product, ProductState
from tenants.accounts.queries import get_profile


def put_in_cart(
    *, shopper_session_id: UUID, product_id: UUID, quantity_milli: int, seen: Terms | None = None
) -> None:
    """The cart holds exactly this much of the product; zero takes it out. `seen` is what the page
    said about it: where that is not what is now, the cart tells the difference.

    Refused: a product that is not for sale, an amount outside its step, more than is left.
    """
    with transaction() as session:
        cart = _open_cart(shopper_session_id)
        line = next((line for line in cart.lines if line.product_id == product_id), None)
        cart.changed_at = clock.now()
        if quantity_milli == 0:
            if line is not None:
                cart.lines.remove(line)
            return
        product = _product_for_sale(session, product_id)
        _check_quantity(product, quantity_milli)
        seen = seen or terms_of(product, get_profile().currency)
        if line is None:
            _check_room(cart)
            line = CartLine(product_id=product_id)
            cart.lines.append(line)
        line.quantity_milli, line.seen = quantity_milli, seen


def accept_changes(*, shopper_session_id: UUID, seen: Seen | None) -> None:
    """The cart is as the page showed it: what is left, on the terms said, without what is gone.

    Refused: when it is not so any more, for then nobody has seen what it would become.
    """
    with transaction():
        cart = find_cart(shopper_session_id, lock=True)
        if cart is None:
            return
        cart.changed_at = clock.now()
        now = as_now(cart, get_profile().currency)
        if seen is None or line_differences(seen.lines, now, seen_of(now, []).lines):
            raise CartHasChanged
        agreed = {line.line_id: line for line in now.orderable}
        for line in list(cart.lines):
            if line.id in agreed:
                line.quantity_milli = agreed[line.id].quantity_milli
                line.seen = agreed[line.id].terms
            else:
                cart.lines.remove(line)


def empty_cart(cart: Cart) -> None:
    """Nothing is left in a locked cart; its lines have become an order's."""
    with transaction():
        cart.lines.clear()
        cart.changed_at = clock.now()


def forget_old_carts(*, before: datetime) -> None:
    """Carts that nobody has touched since this instant are gone, with what lay in them."""
    with transaction() as session:
        old = select(Cart.id).where(Cart.changed_at < before)
        session.execute(delete(CartLine).where(CartLine.cart_id.in_(old)))
        session.execute(delete(Cart).where(Cart.changed_at < before))


def _open_cart(shopper_session_id: UUID) -> Cart:
    insert_unless_there(Cart, shopper_session_id=shopper_session_id)
    cart = find_cart(shopper_session_id, lock=True)
    assert cart is not None, "the cart was made in this transaction or before"
    return cart


def _product_for_sale(session: Session, product_id: UUID) -> Product:
    query = select(Product).where(Product.id == product_id)
    product = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if product is None or product.state is not ProductState.PUBLISHED:
        raise NotForSale
    return product


def _check_quantity(product: Product, quantity_milli: int) -> None:
    step = product.step_milli
    if quantity_milli < step or not is_multiple(quantity_milli, step):
        below = quantity_milli - quantity_milli % step
        near = [decimal_quantity(milli) for milli in (below, below + step) if milli]
        raise NotInThisStep(step=decimal_quantity(step), near=" / ".join(map(str, near)))
    if product.stock_milli < quantity_milli:
        raise NotSoMuchLeft(left=quantity_text(product.stock_milli, product.unit))


def _check_room(cart: Cart) -> None:
    if len(cart.lines) >= MAX_LINES:
        raise CartIsFull(most=MAX_LINES)
