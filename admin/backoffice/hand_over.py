"""The counter: a shopper shows a code, the order appears with the one thing to do next."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.order_forms import AnywayForm, CodeForm
from admin.backoffice.order_words import ended_words, paid_words, state_words, today
from admin.backoffice.orders import offer_for
from kernel.forms import SheafForm
from storefront.fulfilment.errors import NoOrderWithThisCode
from storefront.fulfilment.queries import find_order_with_code
from storefront.orders.balance_words import words_for_shop
from storefront.orders.queries import find_balance
from tenants.people.rules import Permission

COUNTER = "hand-over"


@backoffice.get("/hand-over")
@requires(Permission.PACK_ORDERS)
def hand_over() -> ResponseReturnValue:
    """One field for the code; with a code, its order."""
    return counter_page(request.args.get("code"))


def counter_page(code: str | None, tried: SheafForm | None = None) -> ResponseReturnValue:
    """The counter with the order of a code, after a refusal with what was refused."""
    form = CodeForm(MultiDict({"code": code or ""}), meta={"csrf": False})
    order = find_order_with_code(form.code.data) if code is not None and form.validate() else None
    status = tried.status if tried else 200
    if code is not None and order is None:
        status = 422 if form.errors else 404
        form.code.errors = form.code.errors or [gettext(NoOrderWithThisCode.message)]
    balance = find_balance(order) if order else None
    return render_template(
        "backoffice/orders/hand_over.html",
        order=order,
        balance=balance,
        money_words=words_for_shop(balance, ended=False) if balance else [],
        anyway_form=tried if isinstance(tried, AnywayForm) else AnywayForm(formdata=None),
        offer=offer_for(order, refundable=False) if order else None,
        ended=ended_words(order) if order else "",
        today=today(),
        code_form=form,
        form=form if form.errors else tried,
        state_words=state_words,
        paid_words=paid_words,
    ), status
