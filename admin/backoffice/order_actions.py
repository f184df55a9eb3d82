"""What people do with orders. Each is a post to a noun and answers with the page to go on from."""

from uuid import UUID

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.hand_over import COUNTER, counter_page
from admin.backoffice.order_forms import (
    ActionForm,
    AnywayForm,
    CancelForm,
    CodeForm,
    RefundForm,
    read_numbers,
)
from admin.backoffice.order_words import cancelled_words, refund_words
from admin.backoffice.orders import KEPT, NUMBER, asked_for, order_page, orders_page
from kernel.forms import SheafForm
from kernel.i18n import money_text
from storefront.fulfilment.queries import list_order_ids
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.queries import get_order_by_number
from storefront.orders.services import cancel_order, refund_order
from tenants.people.rules import Permission


@backoffice.post("/orders/readiness")
@requires(Permission.PACK_ORDERS)
def mark_orders_ready() -> ResponseReturnValue:
    """The orders that were ticked, each on its own: one that has changed stops no other."""
    form = ActionForm()
    order_ids = list_order_ids(read_numbers(request.form))
    if not order_ids:
        form.refusal = gettext("Tick at least one order first.")
    elif form.validate_on_submit():
        _mark_each(form, order_ids)
    if form.refusal or form.errors:
        return orders_page(form)
    return redirect(url_for("backoffice.list_orders", **asked_for(*KEPT)), 303)


@backoffice.post(f"/orders/{NUMBER}/readiness")
@requires(Permission.PACK_ORDERS)
def mark_order_ready(number: int) -> ResponseReturnValue:
    """The order is packed."""
    order, form = get_order_by_number(number), AnywayForm()
    wanted = {"anyway": form.anyway.data or ""}
    if form.validate_on_submit() and form.attempt(mark_ready, order_id=order.id, **wanted):
        return go_on(number, gettext("Order %(number)s is ready.", number=number))
    return order_page(number, form)


@backoffice.post(f"/orders/{NUMBER}/payment")
@requires(Permission.TAKE_PAYMENT)
def take_order_payment(number: int) -> ResponseReturnValue:
    """The money is in the till; the person signed in took it."""
    order, form = get_order_by_number(number), ActionForm()
    me = g.member.person_id
    if form.validate_on_submit() and form.attempt(take_payment, order_id=order.id, taken_by=me):
        facts = {"amount": money_text(order.total), "name": order.contact_name}
        words = gettext("%(amount)s taken from %(name)s.", **facts)
        return go_on(number, words, code=request.form.get("code"))
    return _refused(number, form)


@backoffice.post(f"/orders/{NUMBER}/collection")
@requires(Permission.PACK_ORDERS)
def hand_over_order(number: int) -> ResponseReturnValue:
    """The goods have changed hands, proven by the shopper's code."""
    order, form = get_order_by_number(number), CodeForm()
    given = {"code": form.code.data, "anyway": form.anyway.data or ""}
    if form.validate_on_submit() and form.attempt(mark_collected, order_id=order.id, **given):
        facts = {"number": number, "name": order.contact_name}
        return go_on(number, gettext("Order %(number)s is handed over to %(name)s.", **facts))
    return _refused(number, form)


@backoffice.post(f"/orders/{NUMBER}/cancellation")
@requires(Permission.CANCEL_ORDERS)
def cancel_order_early(number: int) -> ResponseReturnValue:
    """The order is over; the shopper reads why."""
    order, form = get_order_by_number(number), CancelForm()
    wanted = {
        "reason": form.reason.data,
        "cancelled_by": g.member.person_id,
        "handed_back": form.handed_back.data,
    }
    if form.validate_on_submit() and form.attempt(cancel_order, order_id=order.id, **wanted):
        return go_on(number, cancelled_words(order))
    return order_page(number, form)


@backoffice.post(f"/orders/{NUMBER}/refunds")
@requires(Permission.REFUND_ORDERS)
def refund_part_or_whole(number: int) -> ResponseReturnValue:
    """The amount is on its way back, or to be handed over where it was taken by hand."""
    order = get_order_by_number(number)
    form = RefundForm(currency=order.currency)
    if form.validate_on_submit() and form.attempt(
        refund_order,
        order_id=order.id,
        amount=form.money,
        reason=form.reason.data,
        refunded_by=g.member.person_id,
        left=form.seen,
        handed_back=form.handed_back.data,
    ):
        return go_on(number, refund_words(order, form.money, handed_back=form.handed_back.data))
    return order_page(number, form)


def _mark_each(form: SheafForm, order_ids: list[UUID]) -> None:
    refusals = [form.refusal for x in order_ids if form.attempt(mark_ready, order_id=x) is None]
    done = len(order_ids) - len(refusals)
    if done:
        flash(ngettext("%(num)s order is ready.", "%(num)s orders are ready.", done), "ok")
    form.refusal = " ".join(refusals)


def _at_counter() -> bool:
    return request.form.get("back") == COUNTER


def go_on(number: int, words: str, *, code: str | None = None) -> ResponseReturnValue:
    """Back to where the person works, with what has happened."""
    flash(words, "ok")
    if _at_counter():
        return redirect(url_for("backoffice.hand_over", code=code), 303)
    return redirect(url_for("backoffice.show_order", number=number), 303)


def _refused(number: int, form: SheafForm) -> ResponseReturnValue:
    """The page the person was on, with the refusal."""
    if _at_counter():
        return counter_page(request.form.get("code", ""), form)
    return order_page(number, form)
