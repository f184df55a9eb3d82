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


class MoneyInQuestion(Conflict):
    """The goods would leave although the money did not stay, or nobody knows whether it did."""

    code = "money_in_question"
    message = N_(
        "Order {number}: its money has been paid back, or is in question. "
        "Write why it goes out all the same."
    )
    field = "anyway"
