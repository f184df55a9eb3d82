"""Orders as queues, and one order with everything that can be done with it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.dispute_words import dispute_rows
from admin.backoffice.order_forms import (
    AnywayForm,
    CancelForm,
    CodeForm,
    Narrowing,
    RefundForm,
    read_narrowing,
)
from admin.backoffice.order_words import (
    QUEUES,
    ended_words,
    is_late,
    moment,
    money_rows,
    paid_words,
    say,
    state_words,
    timeline_of,
)
from kernel.errors import N_
from kernel.forms import SheafForm
from kernel.i18n import date_text, language
from storefront.fulfilment.queries import (
    count_queues,
    get_order_file,
    list_pickup_days,
    list_queue,
)
from storefront.fulfilment.rules import Queue, awaits_hand_over, takes_payment
from storefront.needs.queries import count_needs, list_needs
from storefront.orders.balance_words import words_for_shop
from storefront.orders.models import Order, OrderState
from storefront.orders.queries import find_balance, get_order_by_number, list_balances
from storefront.orders.refund_failures import why_it_failed
from storefront.orders.rules import may_become, readable_code
from storefront.pickup.queries import list_points
from tenants.people.rules import Permission

Form = TypeVar("Form", bound=SheafForm)
KEPT = ("tab", "q", "place", "day", "page")
NUMBER = "<int(max=999999999999):number>"


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done with an order now, by the person who looks at it."""

    mark_ready: bool
    take_payment: bool
    hand_over: bool
    cancel: bool
    refund: bool


def offer_for(order: Order, *, refundable: bool) -> Offer:
    """Only what the order's state and the person's role allow."""
    can = g.member.can
    return Offer(
        mark_ready=can(Permission.PACK_ORDERS) and order.state is OrderState.TO_PREPARE,
        take_payment=can(Permission.TAKE_PAYMENT) and takes_payment(order),
        hand_over=can(Permission.PACK_ORDERS) and awaits_hand_over(order),
        cancel=can(Permission.CANCEL_ORDERS) and may_become(order.state, OrderState.CANCELLED),
        refund=can(Permission.REFUND_ORDERS) and refundable,
    )


@backoffice.get("/orders")
@requires(Permission.SEE_ORDERS)
def list_orders() -> ResponseReturnValue:
    """One queue, or what a search finds in all of them."""
    return orders_page()


@backoffice.get(f"/orders/{NUMBER}")
@requires(Permission.SEE_ORDERS)
def show_order(number: int) -> ResponseReturnValue:
    """One order."""
    return order_page(number)


@backoffice.get("/orders/readiness")
@requires(Permission.SEE_ORDERS)
def return_to_orders() -> ResponseReturnValue:
    """A link on a list that was answered with a refusal leads to the list again."""
    return redirect(url_for("backoffice.list_orders", **asked_for(*KEPT, "lang")), 303)


@backoffice.get(f"/orders/{NUMBER}/readiness")
@backoffice.get(f"/orders/{NUMBER}/payment")
@backoffice.get(f"/orders/{NUMBER}/collection")
@backoffice.get(f"/orders/{NUMBER}/cancellation")
@backoffice.get(f"/orders/{NUMBER}/refunds")
@backoffice.get(f"/orders/{NUMBER}/settlements")
@backoffice.get(f"/orders/{NUMBER}/hand-backs")
@backoffice.get(f"/orders/{NUMBER}/day")
@requires(Permission.SEE_ORDERS)
def return_to_order(number: int) -> ResponseReturnValue:
    """The address of an act is no page; what there is to see is the order."""
    found = get_order_by_number(number).number
    return redirect(url_for("backoffice.show_order", number=found, **asked_for("lang")), 303)


def asked_for(*names: str) -> dict[str, Any]:
    """What of the address goes on into the next one."""
    return {name: request.args[name] for name in names if request.args.get(name)}


def orders_page(tried: SheafForm | None = None) -> ResponseReturnValue:
    """The list that the address asks for, after a refusal with what was refused."""
    wanted = read_narrowing(request.args)
    point, day = wanted.point_id, wanted.day
    counts = count_queues(point_id=point, day=day)
    page = list_queue(wanted.queue, search=wanted.search, point_id=point, day=day, page=wanted.page)
    return render_template(
        "backoffice/orders/list.html",
        page=page,
        balances=list_balances(page.rows),
        wanted=wanted,
        tabs=order_tabs(counts),
        filters=_filters(wanted),
        has_orders=any(counts.values()) or wanted.is_narrowed,
        kept=asked_for(*KEPT),
        form=tried,
        **_words(),
    ), tried.status if tried else 200


def order_page(number: int, tried: SheafForm | None = None) -> ResponseReturnValue:
    """The order, after a refusal with the form that was sent and what is wrong with it."""
    file = get_order_file(number)
    balance = find_balance(file.order)
    ended = file.order.state is OrderState.CANCELLED
    refund_form = _form(RefundForm, tried, currency=file.order.currency)
    refund_form.offer(file.refundable)
    return render_template(
        "backoffice/orders/order.html",
        order=file.order,
        balance=balance,
        money_words=words_for_shop(balance, ended=ended),
        matters=list_needs(file.order.id),
        day_form=_day_form(file.order, tried),
        anyway_form=_form(AnywayForm, tried),
        offer=offer_for(file.order, refundable=bool(file.refundable)),
        refundable=file.refundable,
        disputes=dispute_rows(file.order.id),
        rows=money_rows(file),
        timeline=timeline_of(file),
        ended=ended_words(file.order),
        form=tried,
        code_form=_form(CodeForm, tried),
        cancel_form=_form(CancelForm, tried),
        refund_form=refund_form,
        **_words(),
    ), tried.status if tried else 200


def _day_form(order: Order, tried: SheafForm | None) -> SheafForm | None:
    from admin.backoffice.needs import DayForm  # it is built on this page

    return _form(DayForm, tried) if order.state is OrderState.TO_DECIDE else None


def _form(kind: type[Form], tried: SheafForm | None, **values: object) -> Form:
    return tried if isinstance(tried, kind) else kind(formdata=None, **values)


def _words() -> dict[str, object]:
    return {
        "state_words": state_words,
        "paid_words": paid_words,
        "is_late": is_late,
        "moment": moment,
        "readable_code": readable_code,
        "why_it_failed": lambda code: say(why_it_failed(code)),
    }


def order_tabs(counts: dict[Queue, int] | None = None) -> list[dict[str, object]]:
    """The queues with what is in each, after the list of what needs somebody."""
    counts = count_queues() if counts is None else counts
    first = {
        "key": "needs-you",
        "label": say(N_("Needs you")),
        "count": count_needs(),
        "url": url_for("backoffice.list_what_needs_you"),
    }
    return [
        first,
        *_queue_tabs(counts),
    ]


def _queue_tabs(counts: dict[Queue, int]) -> list[dict[str, object]]:
    return [
        {
            "key": queue.value,
            "label": say(words),
            "count": counts[queue],
            "url": url_for("backoffice.list_orders", tab=queue.value, **asked_for("place", "day")),
        }
        for queue, words in QUEUES.items()
    ]


def _filters(wanted: Narrowing) -> list[dict[str, object]]:
    days = sorted({*list_pickup_days(), *([wanted.day] if wanted.day else [])})
    points = list_points(active_only=False)
    return [
        {
            "name": "day",
            "label": say(N_("All pick-up days")),
            "options": [(day.isoformat(), date_text(day, "short_day")) for day in days],
        },
        {
            "name": "place",
            "label": say(N_("All pick-up points")),
            "options": [(point.id, point.name_in(language())) for point in points],
        },
    ]
