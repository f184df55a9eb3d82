"""One page from cart to order."""

from uuid import UUID, uuid4

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from billing.connections.models import PaymentMethod
from billing.connections.queries import offered_methods
from kernel.i18n import language, money_text, quantity_text
from kernel.policy import public
from kernel.scope import current_tenant_id
from storefront.carts.rules import LineNow
from storefront.orders.models import Order
from storefront.orders.rules import Checkout
from storefront.orders.services import place_order
from storefront.shop import shop
from storefront.shop.forms import CheckoutForm, checkout_form, day_notes, place_notes
from storefront.shop.frame import open_places
from storefront.shop.orders import go_and_pay, order_url
from storefront.shop.visitor import current_cart, forget_cart, known_visitor_id, signed_in
from tenants.sessions.throttle import spend

# A market's visitors share one connection; nobody orders ten times in an hour.
FROM_ONE_PLACE, FOR_ONE_ADDRESS = 60, 10


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
    """The order is placed, once however often this is sent; then pay, or see it confirmed."""
    if not _is_key(request.form.get("key", "")):
        abort(400)
    form = checkout_form(open_places(), offered_methods())
    if form.validate_on_submit():
        order = form.attempt(_place, form.checkout())
        if order is not None:
            return _next_page(order)
    forget_cart()
    return _page(form), form.status


def _place(checkout: Checkout) -> Order:
    """An order, unless so many come that a mailbox is being filled or the stock set aside."""
    shop_id = current_tenant_id()
    spend(f"checkout from|{shop_id}|{request.remote_addr}", limit=FROM_ONE_PLACE, minutes=10)
    spend(f"checkout|{shop_id}|{checkout.email}", limit=FOR_ONE_ADDRESS, minutes=60)
    return place_order(shopper_session_id=known_visitor_id(), checkout=checkout)


def _next_page(order: Order) -> ResponseReturnValue:
    if order.method is PaymentMethod.STRIPE:
        return go_and_pay(order)
    return redirect(order_url(order), 303)


def _page(form: CheckoutForm) -> str:
    cart = current_cart()
    return render_template(
        "shop/checkout.html",
        form=form,
        cart=cart,
        line_sums=[(_words(line), money_text(line.sum)) for line in cart.lines],
        notes=day_notes(open_places()),
        places=place_notes(open_places()),
    )


def _words(line: LineNow) -> str:
    amount = quantity_text(line.quantity_milli, line.product.unit)
    return f"{line.product.name_in(language())}, {amount}"


def _is_key(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
