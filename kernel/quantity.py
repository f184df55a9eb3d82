"""Quantities are whole thousandths of a product's unit, shown as decimals: 1.250 kg is 1250."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from kernel.errors import N_, Refused
from kernel.money import round_half_away

MILLI = 1000
MAX_MILLI = 10**9


class Unit(StrEnum):
    """What a product is counted or weighed in. A jin (斤) is half a kilogram."""

    KG = "kg"
    JIN = "jin"
    L = "l"
    EACH = "each"
    BOX = "box"


class NotAQuantity(Refused):
    code = "not_a_quantity"
    message = N_("Enter a quantity such as {example}.")


def price_of(quantity_milli: int, unit_price_minor: int) -> int:
    """Price in minor units of a quantity at a price per whole unit, rounded half away from zero."""
    return round_half_away(Fraction(quantity_milli * unit_price_minor, MILLI))


def is_multiple(quantity_milli: int, step_milli: int) -> bool:
    """Whether a quantity is sold in this step."""
    return quantity_milli % step_milli == 0


def decimal_quantity(quantity_milli: int) -> Decimal:
    """Thousandths as a decimal without needless zeros: 1250 is 1.25, 2000 is 2."""
    value = Decimal(quantity_milli) / MILLI
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def parse_quantity(text: str) -> int:
    """Read what a person typed ("1.25", "1,25") into thousandths; refuses finer than 0.001."""
    plain = text.translate(_FULL_WIDTH).strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", plain, re.ASCII):
        raise NotAQuantity(example="1.25")
    milli = int(Decimal(plain) * MILLI)
    if milli > MAX_MILLI:
        raise NotAQuantity(example="1.25")
    return milli


_FULL_WIDTH = {0xFF10 + digit: ord(str(digit)) for digit in range(10)} | {
    0xFF0E: ord("."),
    0xFF0C: ord(","),
}
