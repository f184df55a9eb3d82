"""Makers of visitors, carts and orders: each does what a shopper would do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from billing.connections.models import PaymentMethod
from billing.payments.models import Payment
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.sandbox import Sandbox, cards
from kernel.db import new_id
from kernel.quantity import parse_quantity
from kernel.scope import acting_for
from storefront.carts.queries import what_is_shown
from storefront.carts.services import put_in_cart
from storefront.catalog.models import Product
from storefront.orders.models import Order
from storefront.orders.queries import get_order
from storefront.orders.rules import Checkout
from storefront.orders.services import open_payment_page, place_order
from storefront.pickup.queries import list_open_places
from tenants.accounts.models import Tenant
from tests.factories.storefront import make_pickup_point, make_product


def make_cart(tenant: Tenant, products: Mapping[Product, str]) -> UUID:
    """A visitor with these decimals of these products in the cart; returns the visitor."""
    visitor = new_id()
    with acting_for(tenant.id):
        for product, quantity in products.items():
            put_in_cart(
                shopper_session_id=visitor,
                product_id=product.id,
                quantity_milli=parse_quantity(quantity),
            )
    return visitor


def make_checkout(
    tenant: Tenant,
    *,
    key: str = "",
    name: str = "Mia Brandt",
    email: str = "mia@example.org",
    method: PaymentMethod = PaymentMethod.AT_PICKUP,
    language: str = "en",
    note: str = "",
) -> Checkout:
    """What Mia fills in: the soonest day at the shop's first place, which is made if need be."""
    point_id, day = soonest(tenant)
    return Checkout(
        key=key or str(new_id()),
        name=name,
        email=email,
        phone="+49 151 234567",
        point_id=point_id,
        day=day,
        method=method,
        language=language,
        note=note,
    )


def soonest(tenant: Tenant) -> tuple[UUID, date]:
    with acting_for(tenant.id):
        places = list_open_places()
    if not places:
        make_pickup_point(tenant)
        with acting_for(tenant.id):
            places = list_open_places()
    return places[0].point.id, places[0].days[0].date


def check_out(tenant: Tenant, visitor: UUID, checkout: Checkout | None = None) -> Order:
    """The visitor's cart has become an order."""
    shown = as_shown(tenant, visitor, checkout or make_checkout(tenant))
    with acting_for(tenant.id):
        return place_order(shopper_session_id=visitor, checkout=shown)


def as_shown(tenant: Tenant, visitor: UUID, checkout: Checkout) -> Checkout:
    """The same form from a page that is open at this moment, unless it has a page already."""
    with acting_for(tenant.id):
        return checkout if checkout.seen else replace(checkout, seen=what_is_shown(visitor))


def make_order(
    tenant: Tenant,
    products: Mapping[Product, str] | None = None,
    *,
    method: PaymentMethod = PaymentMethod.AT_PICKUP,
    email: str = "mia@example.org",
    name: str = "Mia Brandt",
    language: str = "en",
) -> Order:
    """An order of these products, or of one kilogram of carrots."""
    visitor = make_cart(tenant, products or {make_product(tenant): "1"})
    checkout = make_checkout(tenant, method=method, email=email, name=name, language=language)
    return check_out(tenant, visitor, checkout)


def read_order(tenant: Tenant, order_id: UUID) -> Order:
    """The order as it is in the database now."""
    with acting_for(tenant.id):
        return get_order(order_id)


def go_and_pay(
    tenant: Tenant, sandbox: Sandbox, order: Order, *, card: str = cards.SUCCESS
) -> Payment:
    """The shopper has paid the order on Stripe's page, and Sheaf has asked how that went."""
    with acting_for(tenant.id):
        url = open_payment_page(
            order_id=order.id, success_url="http://shop.test/a", cancel_url="http://shop.test/b"
        )
        sandbox.pay(url.rsplit("/", 1)[1], card)
        return refresh_payment(payment_id=payments_of(order.id)[-1].id)
