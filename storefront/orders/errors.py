"""Refusals about placing, changing and paying back orders."""

from kernel.errors import N_, Conflict, NotFound, Refused


class OrderNotFound(NotFound):
    code = "order_not_found"
    message = N_("We could not find that order.")


class CartIsEmpty(Refused):
    code = "cart_is_empty"
    message = N_("Your cart is empty. Put something in it first.")


class CartHasChanged(Conflict):
    code = "cart_has_changed"
    message = N_("Something in your cart has changed. Look at it again before you order.")


class NotEnoughLeft(Conflict):
    code = "not_enough_left"
    message = N_("Only {left} of {name} is left. Nothing was ordered; change your cart first.")


class PickupDayIsOver(Refused):
    code = "pickup_day_is_over"
    field = "pickup"
    message = N_("This pick-up day can no longer be ordered for. Choose another one.")


class CheckoutWasUsed(Refused):
    code = "checkout_was_used"
    message = N_(
        "This page has already made order {number} with other details. "
        "Open your cart to start a new order."
    )


class CheckoutInFlight(Conflict):
    code = "checkout_in_flight"
    message = N_(
        "Your order is still being worked on. Wait a moment and send this page again; "
        "nothing will be ordered twice."
    )


class NotPossibleNow(Conflict):
    code = "not_possible_now"
    message = N_("Order {number} has changed meanwhile, so this is no longer possible.")


class ReasonNeeded(Refused):
    code = "reason_needed"
    field = "reason"
    message = N_("Write a short reason. The shopper reads it in the mail.")


class TooMuchToRefund(Refused):
    code = "too_much_to_refund"
    field = "amount"
    message = N_("At most {most} can still be paid back.")


class NothingToRefund(Refused):
    code = "nothing_to_refund"
    field = "amount"
    message = N_("Enter an amount above zero.")
