"""One page from cart to order, and what is different when it is sent."""

from uuid import UUID, uuid4

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from billing.connections.models import PaymentMethod
from billing.connections.queries import offered_methods
from kernel.i18n import language, money_text, quantity_text, unit_text
from kernel.policy import public
from kernel.scope import current_tenant_id
from storefront.carts.rules import LineNow, differences, seal_seen, seen_of
from storefront.orders.errors import CheckoutWasUsed
from storefront.orders.models import Order
from storefront.orders.queries import get_order
from storefront.orders.rules import Checkout
from storefront.orders.services import order_of_key, place_order
from storefront.shop import shop
from storefront.shop.changes import words_of
from storefront.shop.forms import (
    CheckoutForm,
    checkout_form,
    choice_of,
    day_notes,
    place_notes,
)
from storefront.shop.frame import open_places
from storefront.shop.orders import go_and_pay, order_url
from storefront.shop.visitor import current_cart, forget_cart, known_visitor_id, signed_in
from tenants.sessions.throttle import counted, place_of

# Orders, not tries. A market's visitors share one connection, and a helper orders for a street.
FROM_ONE_PLACE, FOR_ONE_ADDRESS = 60, 30


@shop.get("/checkout")
@public
def show_checkout() -> ResponseReturnValue:
    """The form; an empty or changed cart is looked at first."""
    if not current_cart().lines or current_cart().changed:
        return redirect(url_for("shop.show_cart"), 303)
    known = signed_in()
    form = checkout_form(
        open_places(), offered_methods(), key=str(uuid4()), email=known.email if known else None
    )
    return _page(form)


@shop.post("/checkout")
@public
def submit_checkout() -> ResponseReturnValue:
    """The order is placed, once however often this is sent; then pay, or see it confirmed.

    What is no longer as the page showed it is named line by line, and asked for once more.
    """
    if not _is_key(request.form.get("key", "")):
        abort(400)
    form = checkout_form(open_places(), offered_methods())
    if form.validate_on_submit():
        order = form.attempt(_place, form.checkout())
        if order is not None:
            return _next_page(order)
    forget_cart()
    return _asked_again(form)


def _place(checkout: Checkout) -> Order:
    """An order, unless so many come that a mailbox is being filled or the stock set aside. Only
    what is ordered counts, and an order that stands already is not counted again."""
    visitor = known_visitor_id()
    known = order_of_key(shopper_session_id=visitor, checkout=checkout)
    if known is not None:
        return known
    here = f"{current_tenant_id()}|{place_of(request.remote_addr)}"
    with (
        counted(f"checkout from|{here}", limit=FROM_ONE_PLACE, minutes=10),
        counted(f"checkout for|{here}|{checkout.email}", limit=FOR_ONE_ADDRESS, minutes=60),
    ):
        return place_order(shopper_session_id=visitor, checkout=checkout)


def _next_page(order: Order) -> ResponseReturnValue:
    if order.method is PaymentMethod.STRIPE:
        return go_and_pay(order)
    return redirect(order_url(order), 303)


def _asked_again(form: CheckoutForm) -> ResponseReturnValue:
    """The same page as all is now, with everything typed: its button agrees to what it says."""
    changes = _changes_since(form)
    status = 409 if changes else form.status
    order = None
    if isinstance(form.refused_by, CheckoutWasUsed):
        form.key.data, order = str(uuid4()), get_order(form.refused_by.order_id)
    return _page(form, changes=changes, order=order), status


def _changes_since(form: CheckoutForm) -> list[str]:
    was = form.was_shown()
    if was is None:
        return []
    offered = {choice.value for choice in form.pickup.iter_choices()}
    chosen = choice_of(form.pickup.data) if form.pickup.data in offered - {""} else None
    cart = current_cart()
    found = differences(was, cart, seen_of(cart, open_places()), chosen)
    return [words_of(change) for change in found]


def _page(
    form: CheckoutForm, *, changes: list[str] | None = None, order: Order | None = None
) -> str:
    cart = current_cart()
    form.seen.data = seal_seen(seen_of(cart, open_places()), current_tenant_id())
    return render_template(
        "shop/checkout.html",
        form=form,
        cart=cart,
        changes=changes or [],
        earlier=(order, order_url(order)) if order else None,
        line_sums=[(_words(line), money_text(line.sum)) for line in cart.orderable],
        notes=day_notes(open_places()),
        places=place_notes(open_places()),
    )


def _words(line: LineNow) -> str:
    amount = quantity_text(line.quantity_milli, line.product.unit)
    price = gettext(
        "%(price)s per %(unit)s",
        price=money_text(line.terms.price),
        unit=unit_text(line.terms.unit),
    )
    return f"{line.terms.name_in(language())}, {amount} ({price})"


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
