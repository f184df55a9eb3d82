"""Refusals about what goes into a cart."""

from kernel.errors import N_, Refused


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
