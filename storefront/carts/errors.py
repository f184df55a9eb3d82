"""Refusals about what goes into a cart."""

from kernel.errors import N_, Conflict, Refused


class NotForSale(Refused):
    code = "not_for_sale"
    message = N_("This product is not for sale at the moment.")


class NotInThisStep(Refused):
    code = "not_in_this_step"
    field = "quantity"
    message = N_("This product is sold in steps of {step}. The nearest amounts are {near}.")


class NotSoMuchLeft(Refused):
    code = "not_so_much_left"
    field = "quantity"
    message = N_("Only {left} is left. Your cart is as it was.")


class CartIsFull(Refused):
    code = "cart_is_full"
    message = N_("A cart holds at most {most} different products. Order these first.")


class CartHasChanged(Conflict):
    """What was agreed to is not what is there now; the page that shows this names each change."""

    code = "cart_has_changed"
    message = N_(
        "Something has changed since this page was shown. Nothing was ordered; look at what is "
        "new and press the button again if you agree."
    )
