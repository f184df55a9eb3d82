"""What a cart comes to when it is ordered at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kernel.money import Money
from kernel.quantity import Unit, is_multiple, price_of
from storefront.catalog.models import Product, ProductState

MAX_LINES = 100


class Short(StrEnum):
    """Why a line cannot be ordered as it lies in the cart."""

    GONE = "gone"
    SOLD_OUT = "sold_out"
    LESS = "less"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a product is sold as: all that is agreed about it besides the amount."""

    name_en: str
    name_zh: str
    grower: str
    unit: Unit
    price_minor: int
    currency: str

    def name_in(self, language: str) -> str:
        """Its name in "zh" or "en"."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def price(self) -> Money:
        """The price of one whole unit."""
        return Money(self.price_minor, self.currency)


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line as it would be ordered at this moment: `quantity_milli` of the `wanted_milli`."""

    line_id: UUID
    product: Product
    wanted_milli: int
    quantity_milli: int
    terms: Terms
    seen: Terms
    sum: Money
    short: Short | None


@dataclass(frozen=True, slots=True)
class CartNow:
    """A cart as it would be ordered at this moment, in the shop's currency."""

    cart_id: UUID | None
    lines: list[LineNow]
    total: Money

    @property
    def changed(self) -> bool:
        """Whether its owner has to look again before ordering."""
        return any(line.short or line.terms != line.seen for line in self.lines)

    @property
    def count(self) -> int:
        """How many different products are in it."""
        return len(self.lines)

    @property
    def orderable(self) -> list[LineNow]:
        """The lines of which something can be ordered."""
        return [line for line in self.lines if line.quantity_milli]

    def quantity_of(self, product_id: UUID) -> int:
        """How much of a product is in it, in thousandths."""
        return sum(line.wanted_milli for line in self.lines if line.product.id == product_id)


def terms_of(product: Product, currency: str) -> Terms:
    """What a product is sold as now."""
    return Terms(
        name_en=product.name_in("en"),
        name_zh=product.name_in("zh"),
        grower=product.grower,
        unit=Unit(product.unit),
        price_minor=product.price_minor,
        currency=currency,
    )


def most_possible(product: Product, wanted_milli: int) -> int:
    """The largest quantity up to the wanted one that is in stock and in the product's step."""
    if product.state is not ProductState.PUBLISHED:
        return 0
    most = min(wanted_milli, product.stock_milli)
    return most - most % product.step_milli


def line_now(
    line_id: UUID, product: Product, wanted_milli: int, seen: Terms | None, currency: str
) -> LineNow:
    """A line at the product's present terms; what is gone or sold out comes to nothing."""
    terms = terms_of(product, currency)
    possible = most_possible(product, wanted_milli)
    return LineNow(
        line_id=line_id,
        product=product,
        wanted_milli=wanted_milli,
        quantity_milli=possible,
        terms=terms,
        seen=seen or terms,
        sum=Money(price_of(possible, product.price_minor), currency),
        short=_short(product, wanted_milli),
    )


def cart_now(cart_id: UUID | None, lines: Iterable[LineNow], currency: str) -> CartNow:
    """The lines and what they come to."""
    found = list(lines)
    return CartNow(cart_id, found, sum((line.sum for line in found), Money(0, currency)))


def _short(product: Product, wanted_milli: int) -> Short | None:
    if product.state is not ProductState.PUBLISHED:
        return Short.GONE
    if product.sold_out:
        return Short.SOLD_OUT
    if not is_multiple(wanted_milli, product.step_milli):
        return Short.STEP
    return Short.LESS if product.stock_milli < wanted_milli else None
