"""Refusals about refunds."""

from kernel.errors import N_, NotFound, Refused


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = N_("We could not find that refund.")


class RefundTooLarge(Refused):
    code = "refund_too_large"
    message = N_("At most {left} can be given back. Enter a smaller amount.")
    field = "amount"


class NothingToRefund(Refused):
    code = "nothing_to_refund"
    message = N_("Nothing has been paid for this, so there is nothing to give back.")


class NotByHand(Refused):
    code = "not_by_hand"
    message = N_("This money was paid online, so it goes back by itself.")
