"""Placing an order: all is fixed and set aside in one transaction, before any money moves."""

from datetime import timedelta
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.connections.models import PaymentMethod
from billing.payments.services import request_payment
from kernel import clock
from kernel.db import insert_unless_there, new_id, transaction
from kernel.i18n import quantity_text
from kernel.outbox import announce
from kernel.settings import settings
from storefront.carts.models import Cart
from storefront.carts.queries import as_now, lock_cart
from storefront.carts.rules import CartNow
from storefront.carts.services import empty_cart
from storefront.catalog.errors import NotEnoughStock
from storefront.catalog.services import hold_stock
from storefront.orders.errors import (
    CartHasChanged,
    CartIsEmpty,
    CheckoutInFlight,
    CheckoutWasUsed,
    NotEnoughLeft,
    PickupDayIsOver,
)
from storefront.orders.models import CheckoutKey, Order, OrderCounter, OrderEventKind, OrderState
from storefront.orders.queries import free_pickup_code, get_order
from storefront.orders.rules import Checkout, lines_from
from storefront.orders.services.timeline import write_event
from storefront.pickup.queries import find_open_day
from tenants.accounts.queries import get_profile
from tenants.audit.services import record

FIRST_NUMBER = 1001


def place_order(*, shopper_session_id: UUID, checkout: Checkout) -> Order:
    """The cart has become an order: prices fixed, stock set aside, money asked for; or nothing is.

    The same form sent again gives the same order. Refused: other answers under a used key, a cart
    that is empty or has changed, too little stock, a day that is over, a method not offered.
    """
    try:
        with transaction() as session:
            used = _claim_key(session, checkout)
            if used is not None:
                return used
            return _place(session, shopper_session_id, checkout)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise CheckoutInFlight from error
        raise


def _claim_key(session: Session, checkout: Checkout) -> Order | None:
    """Waits for the same key in flight; the order it has made, if its answers were the same."""
    claimed = insert_unless_there(CheckoutKey, key=checkout.key, fingerprint=checkout.fingerprint)
    if claimed is not None:
        return None
    known = session.scalars(select(CheckoutKey).where(CheckoutKey.key == checkout.key)).one()
    assert known.order_id is not None, "a key is committed together with its order"
    order = get_order(known.order_id)
    if known.fingerprint != checkout.fingerprint:
        raise CheckoutWasUsed(number=order.number)
    return order


def _place(session: Session, shopper_session_id: UUID, checkout: Checkout) -> Order:
    cart = lock_cart(shopper_session_id)
    currency = get_profile().currency
    now = _checked(cart, currency)
    assert cart is not None, "an unchanged cart with lines exists"
    order = _draft(checkout, now)
    _set_aside(order, now, checkout.language)
    order.number = _take_number(session)
    _keep_currency(currency)
    order.pickup_code = free_pickup_code()
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
    return order


def _checked(cart: Cart | None, currency: str) -> CartNow:
    if cart is None or not cart.lines:
        raise CartIsEmpty
    now = as_now(cart, currency)
    if now.changed:
        raise CartHasChanged
    if now.total.minor <= 0:
        raise CartIsEmpty
    return now


def _draft(checkout: Checkout, cart: CartNow) -> Order:
    day = find_open_day(point_id=checkout.point_id, day=checkout.day)
    if day is None:
        raise PickupDayIsOver
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
    quantities = {line.product.id: line.quantity_milli for line in cart.lines}
    try:
        hold_stock(reference=order.hold_ref, quantities=quantities)
    except NotEnoughStock as short:
        product = next(x.product for x in cart.lines if x.product.id == short.product_id)
        left = quantity_text(short.left_milli, product.unit)
        raise NotEnoughLeft(name=product.name_in(language), left=left) from short


def _keep_currency(currency: str) -> None:
    """From here to the commit the shop's money stays what the cart was priced in."""
    if get_profile(lock=True).currency != currency:
        raise CartHasChanged


def _take_number(session: Session) -> int:
    """The shop's next order number; an order that fails gives it back."""
    take = (
        update(OrderCounter)
        .values(last_number=OrderCounter.last_number + 1)
        .returning(OrderCounter.last_number)
    )
    number = session.scalars(take).one_or_none()
    if number is None:
        insert_unless_there(OrderCounter, last_number=FIRST_NUMBER - 1)
        number = session.scalars(take).one()
    return number
