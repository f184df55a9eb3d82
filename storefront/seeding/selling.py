"""Demo orders, placed and handled through the services that people's clicks go through."""

from collections.abc import Sequence
from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.connections.queries import offered_methods
from kernel.db import new_id
from kernel.money import Money
from storefront.carts.queries import what_is_shown
from storefront.carts.services import put_in_cart
from storefront.catalog.models import Product
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.models import Order
from storefront.orders.rules import Checkout
from storefront.orders.services import cancel_order, place_order, refund_order
from storefront.pickup.queries import list_open_places
from storefront.seeding.shops import DemoOrder, Fate
from tenants.audit.actors import Actor, ActorKind, acting_as

PHONE = {"en": "+49 170 5550100", "zh": "+86 138 0000 0000"}
PAID = {Fate.PAID, Fate.READY_PAID, Fate.COLLECTED, Fate.PART_REFUNDED, Fate.REFUNDED}
PACKED = {Fate.READY, Fate.READY_PAID, Fate.COLLECTED, Fate.PART_REFUNDED}
FETCHED = {Fate.COLLECTED, Fate.PART_REFUNDED}


def sell(order: DemoOrder, products: Sequence[Product], *, number: int, by: Actor) -> None:
    """The order is placed by its buyer and brought as far as its fate says by someone at work."""
    method = PaymentMethod.STRIPE if order.fate is Fate.ONLINE else PaymentMethod.AT_PICKUP
    if method not in offered_methods():
        return
    with acting_as(Actor(ActorKind.SHOPPER)):
        placed = _place(order, products, number=number, method=method)
    assert by.id is not None, "someone with a name handles it"
    with acting_as(by):
        _handle(placed, order.fate, by.id)


def _place(
    order: DemoOrder, products: Sequence[Product], *, number: int, method: PaymentMethod
) -> Order:
    visitor = new_id()
    for place, quantity in order.basket.items():
        put_in_cart(
            shopper_session_id=visitor, product_id=products[place].id, quantity_milli=quantity
        )
    places = list_open_places()
    chosen = places[number % len(places)]
    checkout = Checkout(
        key=str(new_id()),
        name=order.buyer,
        email=order.email,
        phone=PHONE[order.language],
        point_id=chosen.point.id,
        day=chosen.days[0].date,
        method=method,
        language=order.language,
        seen=what_is_shown(visitor),
    )
    return place_order(shopper_session_id=visitor, checkout=checkout)


def _handle(placed: Order, fate: Fate, person_id: UUID) -> None:
    order_id = placed.id
    if fate in PACKED:
        mark_ready(order_id=order_id)
    if fate in PAID:
        take_payment(order_id=order_id, taken_by=person_id)
    if fate in FETCHED:
        mark_collected(order_id=order_id, code=placed.pickup_code)
    if fate is Fate.CANCELLED:
        cancel_order(order_id=order_id, reason="The shopper rang us up.", cancelled_by=person_id)
    if fate is Fate.REFUNDED:
        cancel_order(order_id=order_id, reason="Frost in the orchard.", cancelled_by=person_id)
    if fate is Fate.PART_REFUNDED:
        part = Money(placed.total_minor // 4, placed.currency)
        refund_order(
            order_id=order_id, amount=part, reason="One item was bruised.", refunded_by=person_id
        )
