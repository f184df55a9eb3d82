"""All orders of a shop as a table to keep, also when it is suspended or closed."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.order_words import paid_words, state_words
from admin.backoffice.sheets import Sheet, csv_answer
from kernel.money import Money
from storefront.fulfilment.queries import list_all_orders
from storefront.orders.queries import list_balances
from tenants.people.rules import Permission

MANY = 500  # balances are read for so many orders at a time


@backoffice.get("/orders.csv")
@requires(Permission.REFUND_ORDERS)
def export_orders() -> ResponseReturnValue:
    """Every order with its shopper, its day and how it stands with money."""
    orders = list_all_orders()
    sheet: Sheet = [_head()]
    for start in range(0, len(orders), MANY):
        some = orders[start : start + MANY]
        balances = list_balances(some)
        for order in some:
            balance = balances[order.id]
            sheet.append(
                [
                    order.number, order.placed_at.isoformat(), state_words(order)[0],
                    paid_words(order, balance)[0], order.contact_name, order.contact_email,
                    order.contact_phone, order.pickup_on.isoformat(), order.place_in("en"),
                    order.currency, order.total.decimal,
                    Money(balance.charged, order.currency).decimal,
                    Money(balance.returned, order.currency).decimal,
                ]
            )  # fmt: skip
    return csv_answer(sheet, "sheaf-orders.csv")


def _head() -> list[str]:
    return [
        gettext("Order"), gettext("Placed"), gettext("State"), gettext("Payment"),
        gettext("Contact"), gettext("E-mail"), gettext("Phone"), gettext("Pick-up"),
        gettext("Place"), gettext("Currency"), gettext("Total"), gettext("Paid"),
        gettext("Paid back"),
    ]  # fmt: skip
