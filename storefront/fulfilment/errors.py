"""Refusals at the packing table and at the counter."""

from kernel.errors import N_, Conflict, NotFound, Refused


class NoOrderWithThisCode(NotFound):
    code = "no_order_with_this_code"
    message = N_("No open order has this code. Compare it with the shopper's mail.")


class WrongCode(Refused):
    code = "wrong_code"
    field = "code"
    message = N_("This is not the pick-up code of order {number}. It has six letters and figures.")


class NotPaidYet(Conflict):
    code = "not_paid_yet"
    message = N_("Order {number} is not paid. Take the payment first.")
