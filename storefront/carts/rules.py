"""What a cart comes to, and what has changed since its owner last looked."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kernel.money import Money
from kernel.quantity import is_multiple, price_of
from storefront.catalog.models import Product, ProductState

MAX_LINES = 100


class ChangeKind(StrEnum):
    """What happened to a product while it lay in a cart."""

    GONE = "gone"
    SOLD_OUT = "sold_out"
    LESS = "less"
    STEP = "step"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line as it would be ordered at this moment."""

    line_id: UUID
    product: Product
    quantity_milli: int
    seen_price_minor: int
    sum: Money
    change: ChangeKind | None
    possible_milli: int


@dataclass(frozen=True, slots=True)
class CartNow:
    """A cart as it would be ordered at this moment, in the shop's currency."""

    cart_id: UUID | None
    lines: list[LineNow]
    total: Money

    @property
    def changed(self) -> bool:
        """Whether its owner has to look again before ordering."""
        return any(line.change for line in self.lines)

    @property
    def count(self) -> int:
        """How many different products are in it."""
        return len(self.lines)

    def quantity_of(self, product_id: UUID) -> int:
        """How much of a product is in it, in thousandths."""
        return sum(line.quantity_milli for line in self.lines if line.product.id == product_id)


def most_possible(product: Product, wanted_milli: int) -> int:
    """The largest quantity up to the wanted one that is in stock and in the product's step."""
    if product.state is not ProductState.PUBLISHED:
        return 0
    most = min(wanted_milli, product.stock_milli)
    return most - most % product.step_milli


def change_of(product: Product, quantity_milli: int, seen_price_minor: int) -> ChangeKind | None:
    """What its owner must be told about a line; None when it is as it was."""
    if product.state is not ProductState.PUBLISHED:
        return ChangeKind.GONE
    if product.sold_out:
        return ChangeKind.SOLD_OUT
    if not is_multiple(quantity_milli, product.step_milli):
        return ChangeKind.STEP
    if product.stock_milli < quantity_milli:
        return ChangeKind.LESS
    return ChangeKind.PRICE if product.price_minor != seen_price_minor else None


def line_now(
    line_id: UUID, product: Product, quantity_milli: int, seen_price_minor: int, currency: str
) -> LineNow:
    """A line at the product's present price; what is gone or sold out comes to nothing."""
    change = change_of(product, quantity_milli, seen_price_minor)
    lost = change in (ChangeKind.GONE, ChangeKind.SOLD_OUT)
    minor = 0 if lost else price_of(quantity_milli, product.price_minor)
    return LineNow(
        line_id=line_id,
        product=product,
        quantity_milli=quantity_milli,
        seen_price_minor=seen_price_minor,
        sum=Money(minor, currency),
        change=change,
        possible_milli=most_possible(product, quantity_milli),
    )


def cart_now(cart_id: UUID | None, lines: Iterable[LineNow], currency: str) -> CartNow:
    """The lines and what they come to."""
    found = list(lines)
    return CartNow(cart_id, found, sum((line.sum for line in found), Money(0, currency)))
