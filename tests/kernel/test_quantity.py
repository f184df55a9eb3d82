"""Quantities are whole thousandths of a unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.quantity import NotAQuantity, decimal_quantity, is_multiple, parse_quantity, price_of


@given(some.integers(0, 999_999_999))
def test_what_is_shown_is_read_back(milli: int) -> None:
    assert parse_quantity(f"{decimal_quantity(milli):f}") == milli


def test_a_weight_has_its_price() -> None:
    assert price_of(1250, 350) == 438  # 1.250 kg at 3.50: 4.375, half away from zero
    assert price_of(0, 350) == 0


@given(some.integers(0, 10**7), some.integers(0, 10**7), some.integers(0, 10**6))
def test_two_parts_cost_what_the_whole_costs_within_a_minor_unit(a: int, b: int, p: int) -> None:
    assert abs(price_of(a, p) + price_of(b, p) - price_of(a + b, p)) <= 1


@pytest.mark.parametrize("text", ["", "-1", "1.2345", "1e3", "inf", "1/2", "9" * 7])
def test_what_is_not_a_quantity_is_refused(text: str) -> None:
    with pytest.raises(NotAQuantity):
        parse_quantity(text)


@given(some.text(max_size=20))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        assert parse_quantity(text) >= 0
    except NotAQuantity:
        return


def test_a_step_is_kept() -> None:
    assert is_multiple(1250, 250)
    assert not is_multiple(1300, 250)
