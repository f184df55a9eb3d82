"""What can be done with orders: one verb a file."""

from storefront.orders.services.cancel_order import cancel_order
from storefront.orders.services.forget_old_keys import forget_old_keys
from storefront.orders.services.open_payment_page import open_payment_page
from storefront.orders.services.place_order import order_of_key, place_order
from storefront.orders.services.refund_order import refund_order
from storefront.orders.services.settle import (
    ask_for_the_money_back,
    drop_unpaid,
    settle_payment,
    settle_refund,
)

__all__ = [
    "ask_for_the_money_back",
    "cancel_order",
    "drop_unpaid",
    "forget_old_keys",
    "open_payment_page",
    "order_of_key",
    "place_order",
    "refund_order",
    "settle_payment",
    "settle_refund",
]
