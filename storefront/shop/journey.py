"""Where an order stands, in the words of whoever collects it."""

from flask_babel import gettext

from billing.connections.models import PaymentMethod
from kernel.i18n import date_text, language, money_text, quantity_text, time_text
from storefront.orders.models import Order, OrderState, PaidState

Step = dict[str, object]


def sums_of(order: Order, language: str) -> list[tuple[str, str]]:
    """Each line with its amount and price."""
    return [
        (
            f"{line.name_in(language)}, {quantity_text(line.ordered_milli, line.unit)}",
            money_text(line.sum),
        )
        for line in order.lines
    ]


def next_steps(order: Order) -> list[Step]:
    """What will happen, the present step marked; for an order that was collected, what did."""
    ready = order.state is OrderState.READY
    collected = order.state is OrderState.COLLECTED
    pack: Step = {
        "text": gettext("We pack your order"),
        "now": order.state is OrderState.TO_PREPARE,
    }
    tell: Step = {"text": gettext("A mail tells you that it is ready"), "now": False}
    collect: Step = {
        "text": gettext("You collect it at %(place)s", place=order.place_in(language())),
        "at": gettext(
            "%(day)s, %(opens)s to %(closes)s",
            day=date_text(order.pickup_on, "day"),
            opens=time_text(order.pickup_opens),
            closes=time_text(order.pickup_closes),
        ),
        "note": order.place_address,
        "now": ready,
    }
    if collected and order.collected_at is not None:
        return [{"text": gettext("Collected"), "at": date_text(order.collected_at), "now": True}]
    pay: list[Step] = []
    if order.method is PaymentMethod.AT_PICKUP and order.paid_state is PaidState.UNPAID:
        total = money_text(order.total)
        pay = [{"text": gettext("You pay %(total)s there", total=total), "now": False}]
    return [*([] if ready else [pack, tell]), collect, *pay]
