"""An order's own page, behind a link that cannot be guessed; paying, and coming back from it."""

from zoneinfo import ZoneInfo

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kernel import clock
from kernel.errors import DomainError
from kernel.forms import SheafForm
from kernel.i18n import language
from kernel.policy import public
from kernel.scope import current_tenant_id
from kernel.settings import settings
from storefront.orders.balance_words import words_for_shopper
from storefront.orders.models import Order, OrderState
from storefront.orders.queries import find_balance, get_order_by_return_token, get_order_by_token
from storefront.orders.rules import (
    is_payable,
    may_refuse_the_day,
    order_token,
    readable_code,
    return_token,
)
from storefront.orders.services import open_payment_page, refuse_day
from storefront.shop import shop
from storefront.shop.calendar import pickup_event
from storefront.shop.frame import ShopHere
from storefront.shop.journey import next_steps, sums_of
from tenants.accounts.queries import get_tenant, is_selling
from tenants.signin.closed import stays_open
from tenants.signin.qr import draw_qr

LOOKS = 40  # of three seconds each
EVERY = 3


@shop.get("/orders/<token>")
@public
@stays_open
def show_order(token: str) -> ResponseReturnValue:
    """Where the order stands, what happens next and, while it is open, its pick-up code."""
    order = get_order_by_token(token)
    balance = find_balance(order)
    open_to_collect = order.state in (OrderState.TO_PREPARE, OrderState.READY)
    return render_template(
        "shop/order.html",
        order=order,
        token=token,
        balance=balance,
        payable=is_selling()
        and is_payable(order.state, order.pay_by, clock.now())
        and not (balance.under_way or balance.unknown),
        may_refuse=may_refuse_the_day(order.state, order.refuse_by, clock.now()),
        money_words=words_for_shopper(balance, ended=order.state is OrderState.CANCELLED),
        code=readable_code(order.pickup_code) if open_to_collect else "",
        qr=draw_qr(_hand_over_url(order)) if open_to_collect else None,
        place=order.place_in(language()),
        line_sums=sums_of(order, language()),
        next_steps=next_steps(order),
    )


@shop.post("/orders/<token>/payment")
@public
def pay_order(token: str) -> ResponseReturnValue:
    """On to the page where this order is paid, as often as it takes."""
    return go_and_pay(get_order_by_token(token))


@shop.get("/orders/<token>/refusal")
@public
@stays_open
def return_from_refusal(token: str) -> ResponseReturnValue:
    """The address of an act is no page; what there is to see is the order."""
    return redirect(order_url(get_order_by_token(token)), 303)


@shop.post("/orders/<token>/refusal")
@public
@stays_open
def refuse_other_day(token: str) -> ResponseReturnValue:
    """The other day does not suit: the order is over, and the money goes back."""
    order, form = get_order_by_token(token), SheafForm()
    if form.validate_on_submit() and form.attempt(refuse_day, order_id=order.id) is None:
        flash(form.refusal, "warn")
    return redirect(order_url(order), 303)


@shop.get("/orders/<token>/return")
@public
@stays_open
def come_back(token: str) -> ResponseReturnValue:
    """Back from paying. Coming here proves nothing: the page waits for what Stripe itself says."""
    order = get_order_by_token(token)
    if order.state is not OrderState.AWAITING_PAYMENT:
        return redirect(order_url(order), 303)
    look = request.args.get("look", 0, type=int)
    known = words_for_shopper(find_balance(order), ended=False)
    waits = look < LOOKS and not known
    page = render_template(
        "shop/waiting.html", order=order, token=token, waits=waits, money_words=known
    )
    answer = Response(page)
    if waits:
        following = url_for("shop.come_back", token=token, look=look + 1)
        answer.headers["Refresh"] = f"{EVERY}; url={following}"
    return answer


@shop.get("/ways-back/<token>/paid")
@public
@stays_open
def return_paid(token: str) -> ResponseReturnValue:
    """From the provider's page to the order that waits for the news of its payment."""
    order = get_order_by_return_token(token)
    return redirect(url_for("shop.come_back", token=_token(order)), 303)


@shop.get("/ways-back/<token>/unpaid")
@public
@stays_open
def return_unpaid(token: str) -> ResponseReturnValue:
    """From the provider's page, left without paying, to the order."""
    return redirect(order_url(get_order_by_return_token(token)), 303)


@shop.get("/orders/<token>/pick-up.ics")
@public
@stays_open
def show_calendar(token: str) -> ResponseReturnValue:
    """The pick-up for the shopper's calendar."""
    order = get_order_by_token(token)
    here = ShopHere(g.profile)
    text = pickup_event(
        order,
        shop_name=here.name,
        place=order.place_in(language()),
        url=here.url + order_url(order),
        zone=ZoneInfo(g.profile.time_zone),
        now=clock.now(),
    )
    return Response(text, content_type="text/calendar; charset=utf-8")


def order_url(order: Order) -> str:
    """The path of an order's page."""
    return url_for("shop.show_order", token=_token(order))


def _token(order: Order) -> str:
    return order_token(order.id, current_tenant_id())


def go_and_pay(order: Order) -> ResponseReturnValue:
    """To Stripe's page; when that cannot be reached the order waits and says so."""
    origin = ShopHere(g.profile).url
    pay_by = order.pay_by or clock.now()  # without one the page is refused below
    way_back = return_token(order.id, current_tenant_id(), pay_by=pay_by)
    try:
        url = open_payment_page(
            order_id=order.id,
            success_url=origin + url_for("shop.return_paid", token=way_back),
            cancel_url=origin + url_for("shop.return_unpaid", token=way_back),
        )
    except DomainError as refusal:
        flash(gettext(refusal.message).format(**refusal.facts), "warn")
        url = order_url(order)
    return redirect(url, 303)


def _hand_over_url(order: Order) -> str:
    # What staff's phones open when they point their camera at the code.
    slug = get_tenant(current_tenant_id()).slug
    return f"{settings().app_origin}/{slug}/hand-over?code={order.pickup_code}"
