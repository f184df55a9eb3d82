"""Refusals about placing, changing and paying back orders."""

from uuid import UUID

from kernel.errors import N_, Conflict, NotFound, Refused


class OrderNotFound(NotFound):
    code = "order_not_found"
    message = N_("We could not find that order.")


class CartIsEmpty(Refused):
    code = "cart_is_empty"
    message = N_("Your cart is empty. Put something in it first.")


class NotEnoughLeft(Conflict):
    code = "not_enough_left"
    message = N_("Only {left} of {name} is left. Nothing was ordered; change your cart first.")


class NotEnoughLeftForDay(Conflict):
    code = "not_enough_left_for_day"
    message = N_("Only {left} of {name} is left, so this order cannot be packed. Pay it back.")


class PickupDayIsOver(Refused):
    code = "pickup_day_is_over"
    field = "pickup"
    message = N_(
        "The day that was chosen can no longer be ordered for. Choose another one; all else is "
        "as you typed it."
    )


class CheckoutWasUsed(Conflict):
    code = "checkout_was_used"
    message = N_("This page has already made order {number}. Nothing was ordered a second time.")

    def __init__(self, *, number: int, order_id: UUID) -> None:
        super().__init__(number=number)
        self.order_id = order_id  # the order that this form has made


class CheckoutInFlight(Conflict):
    code = "checkout_in_flight"
    message = N_(
        "Your order is still being worked on. Wait a moment and send this page again; "
        "nothing will be ordered twice."
    )


class ShopIsBusy(Conflict):
    code = "shop_is_busy"
    message = N_(
        "So many are ordering at this moment that your order had to wait too long. Nothing was "
        "ordered; send this page again."
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
