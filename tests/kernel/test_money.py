"""Amounts are whole minor units; there is one rounding rule and nothing finer gets in."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.money import EXPONENTS, PPM, Money, NotAnAmount, parse_money, round_half_away, share


@given(some.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6))
def test_rounding_goes_to_the_nearest_and_a_half_away_from_zero(value: Fraction) -> None:
    rounded = round_half_away(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    if abs(rounded - value) == Fraction(1, 2):
        assert abs(rounded) > abs(value)
    assert round_half_away(-value) == -rounded


@given(some.integers(-(10**12), 10**12), some.integers(0, PPM))
def test_a_share_agrees_with_decimal_arithmetic(minor: int, ppm: int) -> None:
    exact = Decimal(minor) * ppm / PPM
    assert share(minor, ppm) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_two_currencies_never_mix() -> None:
    for act in (lambda a, b: a + b, lambda a, b: a - b):
        with pytest.raises(AssertionError, match="never mix"):
            act(Money(1, "EUR"), Money(1, "CNY"))


@given(some.integers(0, 10**12 - 1), some.sampled_from(sorted(EXPONENTS)))
def test_what_is_shown_is_read_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert parse_money(str(amount.decimal), currency) == amount


@pytest.mark.parametrize(
    ("text", "minor"),
    [("3.50", 350), ("3,5", 350), ("1 200", 120000), ("€ 7", 700), ("１２．５０", 1250)],
)
def test_amounts_are_read_as_people_type_them(text: str, minor: int) -> None:
    assert parse_money(text, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize("text", ["", "3.505", "-1", "1e3", "NaN", "1.2.3", "٣", "0x10", "1" * 14])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_money(text, "EUR")


def test_a_currency_without_minor_units_takes_no_decimals() -> None:
    assert parse_money("1200", "JPY") == Money(1200, "JPY")
    with pytest.raises(NotAnAmount):
        parse_money("12.5", "JPY")


@given(some.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        assert parse_money(text, "CNY").minor >= 0
    except NotAnAmount:
        return
