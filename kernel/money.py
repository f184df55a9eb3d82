"""Money is a whole number of minor units and a currency; never a float. The only rounding rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kernel.errors import N_, Refused

# ISO 4217 exponents of the currencies a shop may sell in; an unknown currency is refused.
EXPONENTS = {
    "AUD": 2, "BRL": 2, "CAD": 2, "CHF": 2, "CNY": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2,
    "HKD": 2, "JPY": 0, "KRW": 0, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2, "PLN": 2, "RON": 2,
    "SEK": 2, "SGD": 2, "THB": 2, "TWD": 2, "USD": 2, "VND": 0,
}  # fmt: skip
PPM = 1_000_000
MAX_MINOR = 10**12


class NotAnAmount(Refused):
    code = "not_an_amount"
    message = N_("Enter an amount such as {example}.")


def round_half_away(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero (billing semantics, section 0.2)."""
    magnitude = abs(value)
    whole = (2 * magnitude.numerator + magnitude.denominator) // (2 * magnitude.denominator)
    return whole if value >= 0 else -whole


def share(minor: int, ppm: int) -> int:
    """That many parts per million of an amount in minor units, rounded half away from zero."""
    return round_half_away(Fraction(minor * ppm, PPM))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units of one currency. Two currencies never add, compare or mix."""

    minor: int
    currency: str

    def _same(self, other: Money) -> None:
        assert self.currency == other.currency, "two currencies never mix"

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, for display only."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])


def parse_money(text: str, currency: str) -> Money:
    """Read what a person typed ("3.50", "3,50", "1 200"); refuses more decimals than there are."""
    exponent = EXPONENTS[currency]
    example = "12.50" if exponent else "1250"
    plain = re.sub(r"[\s\u00a0\u202f¥￥€$£]", "", text.translate(_FULL_WIDTH)).replace(",", ".")
    if not re.fullmatch(rf"\d{{1,12}}(\.\d{{1,{max(exponent, 1)}}})?", plain, re.ASCII):
        raise NotAnAmount(example=example)
    amount = Decimal(plain).scaleb(exponent)
    if amount != amount.to_integral_value() or amount > MAX_MINOR:
        raise NotAnAmount(example=example)
    return Money(int(amount), currency)


_FULL_WIDTH = {0xFF10 + digit: ord(str(digit)) for digit in range(10)} | {
    0xFF0E: ord("."),
    0xFF0C: ord(","),
}
