"""Refusals about products and their stock."""

from uuid import UUID

from kernel.errors import N_, Conflict, NotFound, Refused
from kernel.quantity import decimal_quantity


class ProductNotFound(NotFound):
    code = "product_not_found"


class CategoryNotFound(NotFound):
    code = "category_not_found"


class PhotoNotFound(NotFound):
    code = "photo_not_found"


class NameMissing(Refused):
    code = "name_missing"
    field = "name_en"
    message = N_("Enter a name in at least one language.")


class PriceMissing(Refused):
    code = "price_missing"
    field = "price"
    message = N_("Enter a price above zero.")


class PriceTooHigh(Refused):
    code = "price_too_high"
    field = "price"
    message = N_("Enter a lower price; no payment can be that large.")


class StepNotWhole(Refused):
    code = "step_not_whole"
    field = "step"
    message = N_("Pieces and boxes are sold whole. Enter a whole step such as 1.")


class StepMissing(Refused):
    code = "step_missing"
    field = "step"
    message = N_("Enter a step above zero.")


class TooManyPhotos(Refused):
    code = "too_many_photos"
    field = "photo"
    message = N_("A product has at most {most} photos. Remove one first.")


class CategoryInUse(Refused):
    code = "category_in_use"
    message = N_("This category still holds products ({count}). Move them first.")


class NotEnoughStock(Conflict):
    """Less is left than was asked for. `left` is a decimal in the product's unit."""

    code = "not_enough_stock"
    message = N_("Only {left} left.")

    def __init__(self, *, product_id: UUID, left_milli: int) -> None:
        left = decimal_quantity(left_milli)
        super().__init__(product_id=product_id, left_milli=left_milli, left=left)
        self.product_id = product_id
        self.left_milli = left_milli


class StockChanged(Conflict):
    code = "stock_changed"
    field = "stock"
    message = N_(
        "The stock is {left} by now, so your change was not made. Check it and save again."
    )


class HoldIsOver(Conflict):
    """What was held for this reference has been released or sold; it is not held a second time."""

    code = "hold_is_over"
    message = N_("What was set aside for this order has been given back.")
