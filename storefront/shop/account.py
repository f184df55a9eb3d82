"""A shopper's own orders and devices, after proving an e-mail address with a code."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kernel.i18n import language
from kernel.policy import public
from kernel.scope import current_tenant_id
from storefront.orders.queries import list_balances, list_orders_of
from storefront.shop import shop
from storefront.shop.forms import CodeForm, EmailForm
from storefront.shop.orders import order_url
from storefront.shop.visitor import known_visitor_id, renew_visitor, signed_in, visitor_id
from storefront.shoppers.errors import CodeDoesNotFit, DeviceNotFound
from storefront.shoppers.queries import list_sign_ins
from storefront.shoppers.services import ask_for_code, sign_in, sign_out, sign_out_device
from tenants.sessions.throttle import place_of, spend_from, spend_mailbox, wrong_tries
from tenants.signin.closed import stays_open
from tenants.signin.devices import device_words, this_device

WRONG_A_DAY = 30  # wrong codes from one place


@shop.get("/account")
@public
@stays_open
def show_account() -> ResponseReturnValue:
    """The shopper's orders in this shop and where they are signed in; or the way there."""
    known = signed_in()
    if known is None:
        return redirect(url_for("shop.ask_email"), 303)
    orders = list_orders_of(known.email)
    balances = list_balances(orders)
    return render_template(
        "shop/account.html",
        known=known,
        orders=[(order, order_url(order), balances[order.id]) for order in orders],
        devices=[(one, device_words(one.device)) for one in list_sign_ins(known.email)],
    )


@shop.get("/sign-in")
@public
@stays_open
def ask_email() -> ResponseReturnValue:
    """Ask for the address that was ordered with."""
    return render_template("shop/sign_in.html", form=EmailForm())


@shop.post("/sign-in")
@public
@stays_open
def send_code() -> ResponseReturnValue:
    """The same answer for every address; only one that has ordered here is sent a code."""
    form = EmailForm()
    if form.validate_on_submit():
        email = form.email.data.strip().lower()
        if form.attempt(_spend, email) is not None:
            _ask(email)
            return redirect(url_for("shop.ask_code"), 303)
    return render_template("shop/sign_in.html", form=form), form.status


@shop.get("/sign-in/code")
@public
@stays_open
def ask_code() -> ResponseReturnValue:
    """Ask for the six figures from the mail."""
    return render_template("shop/code.html", form=CodeForm())


@shop.post("/sign-in/code")
@public
@stays_open
def check_code() -> ResponseReturnValue:
    """The browser shows the orders of the address it has proven, under a new token."""
    form = CodeForm()
    if form.validate_on_submit() and form.attempt(_prove, form.code.data) is not None:
        renew_visitor()
        return redirect(url_for("shop.show_account"), 303)
    return render_template("shop/code.html", form=form), form.status


@shop.post("/sign-out")
@public
@stays_open
def leave() -> ResponseReturnValue:
    """This browser shows nobody's orders any more; its cart stays."""
    known = visitor_id()
    if known is not None:
        sign_out(shopper_session_id=known)
        renew_visitor()
    return redirect(url_for("shop.show_home"), 303)


@shop.post("/account/devices/<uuid:sign_in_id>/removal")
@public
@stays_open
def remove_device(sign_in_id: UUID) -> ResponseReturnValue:
    """Another of the shopper's own devices is signed out."""
    known = visitor_id()
    if known is None:
        raise DeviceNotFound
    sign_out_device(shopper_session_id=known, sign_in_id=sign_in_id)
    return redirect(url_for("shop.show_account"), 303)


def _spend(email: str) -> bool:
    name = f"shopper code|{current_tenant_id()}"
    spend_from(name, request.remote_addr, limit=20, minutes=60)
    spend_mailbox(name, email, request.remote_addr)
    return True


def _prove(code: str) -> str:
    """The address that the code proves; where nobody asked for one, none fits."""
    known = visitor_id()
    if known is None:
        raise CodeDoesNotFit
    here = f"shopper wrong|{current_tenant_id()}|{place_of(request.remote_addr)}"
    with wrong_tries(here, limit=WRONG_A_DAY, minutes=24 * 60):
        return sign_in(shopper_session_id=known, code=code, device=this_device()[0])


def _ask(email: str) -> None:
    ask_for_code(
        shopper_session_id=known_visitor_id(),
        email=email,
        language=language(),
    )
