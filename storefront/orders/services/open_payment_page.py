"""Sending a shopper to where the order is paid online."""

from uuid import UUID

from billing.gateway import CheckoutLine
from billing.payments.errors import PaymentClosed
from billing.payments.models import LIVE
from billing.payments.queries import payments_of
from billing.payments.services import open_checkout
from kernel import clock
from kernel.i18n import quantity_text
from storefront.orders.models import Order
from storefront.orders.queries import get_order
from storefront.orders.rules import is_payable
from tenants.accounts.errors import ShopIsResting
from tenants.accounts.queries import is_selling


def open_payment_page(*, order_id: UUID, success_url: str, cancel_url: str) -> str:
    """The address of the page on which exactly this order is paid; the same one when asked again.

    Calls out. Refused: an order that is not waiting to be paid, once its time is over, and in a
    shop that does not sell.
    """
    if not is_selling():
        raise ShopIsResting
    order = get_order(order_id)
    waiting = [one for one in payments_of(order_id) if one.state in LIVE]
    if not waiting or not is_payable(order.state, order.pay_by, clock.now()):
        raise PaymentClosed
    return open_checkout(
        payment_id=waiting[-1].id,
        lines=_lines(order),
        success_url=success_url,
        cancel_url=cancel_url,
        email=order.contact_email,
        language=order.language,
    )


def _lines(order: Order) -> list[CheckoutLine]:
    return [
        CheckoutLine(
            name=f"{line.name_in(order.language)}, {quantity_text(line.ordered_milli, line.unit)}",
            amount=line.sum,
        )
        for line in order.lines
    ]
