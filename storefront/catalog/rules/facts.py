"""What a cooperative says about a product, and what of it is refused."""

from dataclasses import dataclass, field
from uuid import UUID

from kernel.quantity import MILLI, Unit
from storefront.catalog.errors import (
    NameMissing,
    PriceMissing,
    PriceTooHigh,
    StepMissing,
    StepNotWhole,
)
from storefront.catalog.rules.naming import Names

MAX_PRICE_MINOR = 99_999_999  # the largest single charge the payment provider takes
COUNTED = {Unit.EACH, Unit.BOX}


@dataclass(frozen=True)
class ProductFacts:
    """Everything a person types about a product except its stock and pictures.

    The price is in minor units of the shop's currency per whole unit.
    """

    names: Names
    unit: Unit
    price_minor: int
    step_milli: int = MILLI
    descriptions: Names = field(default_factory=Names)
    grower: str = ""
    category_id: UUID | None = None


def check_facts(facts: ProductFacts) -> None:
    """Raises the refusal for the first thing that cannot be sold as it is described."""
    if not (facts.names.en or facts.names.zh):
        raise NameMissing
    check_price(facts.price_minor)
    if facts.step_milli <= 0:
        raise StepMissing
    if facts.unit in COUNTED and facts.step_milli % MILLI:
        raise StepNotWhole


def check_price(price_minor: int) -> None:
    """Raises a refusal for a price that no one could pay."""
    if price_minor <= 0:
        raise PriceMissing
    if price_minor > MAX_PRICE_MINOR:
        raise PriceTooHigh
