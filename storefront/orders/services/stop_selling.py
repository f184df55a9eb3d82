"""What a shop's suspension or closing does to orders that wait for their money."""

from sqlalchemy import select

from billing.payments.services import abandon_payment
from kernel.db import transaction
from storefront.orders.models import Order, OrderState
from tenants.accounts.queries import is_selling


def close_open_pages() -> None:
    """While the shop does not sell, nothing waits to be paid: every page is closed at Stripe, and
    what was paid there before is settled by the news of it. Orders that are paid stay as they are.
    """
    with transaction() as session:
        if is_selling():
            return
        query = select(Order.id).where(Order.state == OrderState.AWAITING_PAYMENT)
        for order_id in session.scalars(query.order_by(Order.id)).all():
            abandon_payment(payable_id=order_id)
