"""What can be done with orders: one verb a file."""

from storefront.orders.services.cancel_order import cancel_order
from storefront.orders.services.forget_old_keys import forget_old_keys
from storefront.orders.services.hand_back import hand_back_money, settle_otherwise
from storefront.orders.services.move_order import move_order, refuse_day
from storefront.orders.services.open_payment_page import open_payment_page
from storefront.orders.services.pay_again import keep_waiting, stop_keeping
from storefront.orders.services.pay_back import ask_for_the_money_back
from storefront.orders.services.place_order import order_of_key, place_order
from storefront.orders.services.refund_order import refund_order
from storefront.orders.services.settle import drop_unpaid, settle_payment, settle_refund
from storefront.orders.services.stop_selling import close_open_pages

__all__ = [
    "ask_for_the_money_back",
    "cancel_order",
    "close_open_pages",
    "drop_unpaid",
    "forget_old_keys",
    "hand_back_money",
    "keep_waiting",
    "move_order",
    "open_payment_page",
    "order_of_key",
    "place_order",
    "refund_order",
    "refuse_day",
    "settle_otherwise",
    "settle_payment",
    "settle_refund",
    "stop_keeping",
]
