"""Placing an order: all is fixed and set aside in one transaction, before any money moves.

Nothing that all shoppers of a shop share is held while other work is done. The number is taken in
a short step before, so that an order that fails leaves a gap; stock is taken as the last thing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.connections.models import PaymentMethod
from billing.payments.services import request_payment
from kernel import clock
from kernel.db import insert_unless_there, let_go_after, new_id, transaction
from kernel.errors import DomainError
from kernel.i18n import quantity_text
from kernel.outbox import announce
from kernel.settings import settings
from storefront.carts.errors import CartHasChanged
from storefront.carts.models import Cart
from storefront.carts.queries import as_now, find_cart, lock_cart
from storefront.carts.rules import CartNow, seen_of
from storefront.carts.services import empty_cart
from storefront.catalog.errors import NotEnoughStock
from storefront.catalog.services import hold_stock
from storefront.orders.errors import (
    CartIsEmpty,
    CheckoutInFlight,
    CheckoutWasUsed,
    NotEnoughLeft,
    PickupDayIsOver,
    ShopIsBusy,
)
from storefront.orders.models import CheckoutKey, Order, OrderCounter, OrderEventKind, OrderState
from storefront.orders.queries import free_pickup_code, get_order, is_first_order
from storefront.orders.rules import Checkout, lines_from
from storefront.orders.services.timeline import write_event
from storefront.pickup.queries import OpenDay, OpenPlace, find_open_day
from tenants.accounts.errors import ShopIsResting
from tenants.accounts.queries import is_selling, read_currency
from tenants.audit.services import record

FIRST_NUMBER = 1001
SILENT_SECONDS = 4  # shorter than the five for which others wait


def place_order(*, shopper_session_id: UUID, checkout: Checkout) -> Order:
    """The cart has become an order, as it was shown: prices fixed, stock set aside, money asked
    for; or nothing is.

    The same form sent again gives the same order. Refused: a used key with other answers or while
    another cart waits, an empty cart, anything that is not as the page showed it, too little
    stock, a day that is over, a method not offered, a shop that does not sell.
    """
    known = order_of_key(shopper_session_id=shopper_session_id, checkout=checkout)
    if known is not None:
        return known
    with _a_long_wait_is(ShopIsBusy):
        with transaction():  # what is refused takes no number
            _agreed(find_cart(shopper_session_id), checkout)
        number = _take_number()
        with transaction() as session:
            used = _claim_key(shopper_session_id, checkout)
            if used is not None:
                return used
            return _place(session, number, lock_cart(shopper_session_id), checkout)


def order_of_key(*, shopper_session_id: UUID, checkout: Checkout) -> Order | None:
    """The order that this very form has made already, if it has.

    Refused: other answers than then, and the same ones while other things wait in the cart: whoever
    sends them means a new order, and must hear of the first.
    """
    with transaction() as session:
        known = session.scalars(
            select(CheckoutKey).where(CheckoutKey.key == checkout.key)
        ).one_or_none()
        if known is None:
            return None
        assert known.order_id is not None, "a key is committed together with its order"
        order = get_order(known.order_id)
        cart = find_cart(shopper_session_id)
        if known.fingerprint != checkout.fingerprint or (cart is not None and cart.lines):
            raise CheckoutWasUsed(number=order.number, order_id=order.id)
        return order


@contextmanager
def _a_long_wait_is(refusal: type[DomainError]) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise refusal from error
        raise


def _take_number() -> int:
    """The shop's next order number; one row for all, so it is let go of at once."""
    take = (
        update(OrderCounter)
        .values(last_number=OrderCounter.last_number + 1)
        .returning(OrderCounter.last_number)
    )
    with transaction() as session:
        let_go_after(SILENT_SECONDS)
        number = session.scalars(take).one_or_none()
        if number is None:
            insert_unless_there(OrderCounter, last_number=FIRST_NUMBER - 1)
            number = session.scalars(take).one()
    return number


def _claim_key(shopper_session_id: UUID, checkout: Checkout) -> Order | None:
    """Waits for the same key in flight; the order it has made, if its answers were the same."""
    with _a_long_wait_is(CheckoutInFlight):
        claimed = insert_unless_there(
            CheckoutKey, key=checkout.key, fingerprint=checkout.fingerprint
        )
    if claimed is not None:
        return None
    return order_of_key(shopper_session_id=shopper_session_id, checkout=checkout)


def _place(session: Session, number: int, cart: Cart | None, checkout: Checkout) -> Order:
    now, day = _agreed(cart, checkout)
    assert cart is not None, "an agreed cart exists"
    _keep_currency(now.total.currency)
    order = _draft(checkout, now, day)
    order.number, order.pickup_code = number, free_pickup_code()
    session.add(order)
    session.flush()
    session.execute(
        update(CheckoutKey).where(CheckoutKey.key == checkout.key).values(order_id=order.id)
    )
    empty_cart(cart)
    request_payment(payable_id=order.id, amount=order.total, method=order.method)
    write_event(order, OrderEventKind.PLACED, amount_minor=order.total_minor)
    announce("order.placed", order_id=order.id)
    if order.pay_by is not None:
        announce("order.payment_due", due_at=order.pay_by, order_id=order.id)
    record(action="order.placed", subject=str(order.id), number=order.number)
    session.flush()
    _set_aside(order, now, checkout.language)
    return order


def _agreed(cart: Cart | None, checkout: Checkout) -> tuple[CartNow, OpenDay]:
    """The cart and the day as they are now, which is as the page showed them."""
    if not is_selling():
        raise ShopIsResting
    if cart is None or not cart.lines:
        raise CartIsEmpty
    now = as_now(cart, read_currency())
    day = find_open_day(point_id=checkout.point_id, day=checkout.day)
    if day is None:
        raise PickupDayIsOver
    shown = seen_of(now, [OpenPlace(day.point, [day.day])])
    if shown.digest(checkout.point_id, checkout.day) != checkout.agreed:
        raise CartHasChanged
    if now.total.minor <= 0:
        raise CartIsEmpty
    return now, day


def _draft(checkout: Checkout, cart: CartNow, day: OpenDay) -> Order:
    online = checkout.method is PaymentMethod.STRIPE
    placed_at = clock.now()
    order_id = new_id()
    window = timedelta(minutes=settings().payment_window_minutes)
    return Order(
        id=order_id,
        hold_ref=order_id,
        state=OrderState.AWAITING_PAYMENT if online else OrderState.TO_PREPARE,
        method=checkout.method,
        currency=cart.total.currency,
        total_minor=cart.total.minor,
        contact_name=checkout.name,
        contact_email=checkout.email,
        contact_phone=checkout.phone,
        language=checkout.language,
        note=checkout.note,
        placed_at=placed_at,
        pay_by=placed_at + window if online else None,
        lines=lines_from(cart),
        **day.snapshot,
    )


def _set_aside(order: Order, cart: CartNow, language: str) -> None:
    """Others wait for these products from here on, so nothing but the commit comes after it."""
    let_go_after(SILENT_SECONDS)
    quantities = {line.product.id: line.quantity_milli for line in cart.orderable}
    try:
        hold_stock(reference=order.hold_ref, quantities=quantities)
    except NotEnoughStock as short:
        product = next(x.product for x in cart.lines if x.product.id == short.product_id)
        left = quantity_text(short.left_milli, product.unit)
        raise NotEnoughLeft(name=product.name_in(language), left=left) from short


def _keep_currency(currency: str) -> None:
    """The shop's money stays what the cart was priced in. Only before the first order can it
    change, so only then is it kept; shoppers do not wait for each other even so."""
    if read_currency(keep=is_first_order()) != currency:
        raise CartHasChanged
