"""Fees as arithmetic: the worked ladder by hand, and what must hold for every ladder."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.metering.rules import (
    BadLadder,
    Band,
    Extras,
    Fee,
    Ladder,
    charge_fee,
    fee_step,
    flat_rate,
    ladder_fee,
    parts,
    rate_at,
    read_ladder,
    refund_part,
    sale_fee,
    total_fee,
)

# 2.5 % to 10 000.00, 2.0 % to 50 000.00, 1.5 % above.
WORKED = read_ladder([(1_000_000, 25_000), (5_000_000, 20_000), (None, 15_000)])
NO_EXTRAS = Extras()


@st.composite
def ladders(draw: Callable[..., object]) -> Ladder:
    """Any ladder of up to five bands."""
    ends = sorted(draw(st.sets(st.integers(1, 10**9), max_size=4)))  # type: ignore[call-overload]  # a set of int
    ups: list[int | None] = [*ends, None]
    rates = [draw(st.integers(0, 300_000)) for _ in ups]
    return Ladder(tuple(Band(up, rate) for up, rate in zip(ups, rates, strict=True)))  # type: ignore[arg-type]  # drawn ints


@pytest.mark.parametrize(
    ("volume", "fee"),
    [
        (0, 0),
        (1, 0),  # 0.025
        (19, 0),  # 0.475
        (20, 1),  # 0.5 goes away from zero
        (999_999, 25_000),
        (1_000_000, 25_000),
        (1_000_001, 25_000),
        (1_000_024, 25_000),
        (1_000_025, 25_001),
        (4_999_999, 105_000),
        (5_000_000, 105_000),
        (5_000_001, 105_000),
        (6_000_000, 120_000),
    ],
)
def test_the_worked_ladder(volume: int, fee: int) -> None:
    assert ladder_fee(WORKED, volume) == fee


def test_the_worked_ladder_shows_its_parts() -> None:
    assert parts(WORKED, 6_000_000) == [1_000_000, 4_000_000, 1_000_000]
    assert [rate_at(WORKED, v) for v in (0, 999_999, 1_000_000, 5_000_000)] == [
        25_000, 25_000, 20_000, 15_000,
    ]  # fmt: skip
    assert flat_rate(WORKED, before_minor=0, after_minor=1_000_000) == 25_000
    assert flat_rate(WORKED, before_minor=1_000_000, after_minor=1_000_500) == 20_000
    assert flat_rate(WORKED, before_minor=1_000_500, after_minor=999_500) is None


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(100, 25_000)],
        [(None, 25_000), (100, 20_000), (None, 1)],
        [(100, 25_000), (100, 20_000), (None, 1)],
        [(200, 25_000), (100, 20_000), (None, 1)],
        [(0, 25_000), (None, 1)],
        [(None, -1)],
        [(None, 1_000_001)],
    ],
)
def test_a_ladder_with_gaps_overlaps_or_no_end_is_refused(
    rows: list[tuple[int | None, int]],
) -> None:
    with pytest.raises(BadLadder):
        read_ladder(rows)


@given(ladders(), st.lists(st.integers(1, 10**8), max_size=12), st.randoms())
def test_the_order_of_sales_cannot_change_their_total(
    ladder: Ladder, sales: list[int], chance: random.Random
) -> None:
    def run(order: list[int]) -> int:
        volume = fee = 0
        for amount in order:
            fee += fee_step(ladder, before_minor=volume, change_minor=amount)
            volume += amount
        return fee

    shuffled = chance.sample(sales, len(sales))
    assert run(sales) == run(shuffled) == ladder_fee(ladder, sum(sales))


@given(ladders(), st.integers(0, 10**8), st.lists(st.integers(1, 10**8), max_size=8), st.randoms())
def test_giving_everything_back_in_parts_leaves_nothing(
    ladder: Ladder, start: int, sales: list[int], chance: random.Random
) -> None:
    changes = list(sales)
    for sale in sales:
        first = chance.randint(0, sale)
        changes += [-part for part in (first, sale - first) if part]
    volume, fees = start, 0
    for change in sorted(changes, reverse=True):  # sales first: no more goes back than was sold
        fees += fee_step(ladder, before_minor=volume, change_minor=change)
        volume += change
    assert (volume, fees) == (start, 0)
    assert total_fee(ladder, start_minor=start, changes=changes) == 0


@given(ladders(), st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_sales_fee_is_never_negative_and_never_more_than_the_sale(
    ladder: Ladder, before: int, amount: int
) -> None:
    fee = sale_fee(ladder, NO_EXTRAS, before_minor=before, amount_minor=amount)
    assert 0 <= fee.minor <= amount


@given(ladders(), st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 10**6))
def test_splitting_a_sale_changes_nothing(ladder: Ladder, before: int, a: int, b: int) -> None:
    whole = fee_step(ladder, before_minor=before, change_minor=a + b)
    first = fee_step(ladder, before_minor=before, change_minor=a)
    assert whole == first + fee_step(ladder, before_minor=before + a, change_minor=b)


@given(ladders())
def test_a_boundary_is_no_cliff(ladder: Ladder) -> None:
    for band in ladder.bands[:-1]:
        assert band.up_to_minor is not None
        for volume in (band.up_to_minor - 1, band.up_to_minor, band.up_to_minor + 1):
            step = fee_step(ladder, before_minor=volume, change_minor=1)
            assert 0 <= step <= 2  # one minor and the rounding of two bands


@given(st.integers(0, 10**6), st.integers(0, 10**7))
def test_one_band_is_one_rounded_product(ppm: int, volume: int) -> None:
    flat = read_ladder([(None, ppm)])
    exact = volume * ppm
    assert ladder_fee(flat, volume) == (2 * exact + 10**6) // (2 * 10**6)


@pytest.mark.parametrize(
    ("extras", "fee"),
    [
        (Extras(), Fee(250, 0, 0)),
        (Extras(fixed_minor=30), Fee(250, 30, 0)),
        (Extras(fixed_minor=30, min_minor=400), Fee(250, 30, 120)),
        (Extras(fixed_minor=30, max_minor=100), Fee(250, 30, -180)),
        (Extras(fixed_minor=20_000), Fee(250, 20_000, -10_250)),
    ],
)
def test_extras_come_after_the_ladder_and_the_sale_is_the_limit(extras: Extras, fee: Fee) -> None:
    made = sale_fee(WORKED, extras, before_minor=0, amount_minor=10_000)
    assert made == fee
    assert made == charge_fee(25_000, extras, amount_minor=10_000)
    assert made.minor <= 10_000


@given(
    amount=st.integers(1, 10**9),
    ppm=st.integers(0, 10**6),
    chance=st.randoms(),
    n=st.integers(1, 9),
)
def test_refunds_in_any_number_of_parts_give_back_exactly_the_fee(
    amount: int, ppm: int, chance: random.Random, n: int
) -> None:
    fee = charge_fee(ppm, NO_EXTRAS, amount_minor=amount).minor
    cuts = sorted({chance.randint(0, amount) for _ in range(n)} | {0, amount})
    given_back = 0
    for refunded in cuts[1:]:
        part = refund_part(
            fee_minor=fee,
            amount_minor=amount,
            refunded_minor=refunded,
            reversed_minor=given_back,
        )
        assert part >= 0
        given_back += part
        assert given_back <= fee
    assert given_back == fee


def test_more_than_the_sale_is_never_refunded() -> None:
    with pytest.raises(AssertionError):
        refund_part(fee_minor=25, amount_minor=1000, refunded_minor=1001, reversed_minor=0)
