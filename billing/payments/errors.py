"""Refusals about payments."""

from kernel.errors import N_, Conflict, NotFound, Refused


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    message = N_("We could not find that payment.")


class MethodNotOffered(Refused):
    code = "method_not_offered"
    message = N_("This way of paying is not available at the moment. Choose another one.")
    field = "method"


class AmountTooSmall(Refused):
    code = "amount_too_small"
    message = N_("Online payments start at {smallest}. Choose to pay at pick-up, or add something.")
    field = "method"


class AmountTooLarge(Refused):
    code = "amount_too_large"
    message = N_(
        "Online payments end at {largest}. Choose to pay at pick-up, or order in several parts."
    )
    field = "method"


class NothingToPay(Refused):
    code = "nothing_to_pay"
    message = N_("There is nothing to pay.")


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = N_("This has already been paid.")


class PaymentUnderWay(Conflict):
    code = "payment_under_way"
    message = N_("A payment for this is under way. You get a mail as soon as it has arrived.")


class PaymentClosed(Conflict):
    code = "payment_closed"
    message = N_("This can no longer be paid. Look at the page of your order for how it stands.")


class PaidOnline(Conflict):
    """Money cannot be taken by hand while, or after, it is taken online."""

    code = "paid_online"
    message = N_("This is being paid online. Wait until that payment has ended.")


class ProviderMismatch(Exception):
    """What Stripe shows under a reference of ours is not what we asked for; nothing was applied."""
