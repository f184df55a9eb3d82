"""Billing months: counted from the anchor, between local midnights, without gaps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.plans.rules import boundary, midnight, span_at

YEAR_2020 = datetime(2020, 1, 1, tzinfo=UTC)
ZONES = [
    "Europe/Berlin",
    "Asia/Shanghai",
    "America/New_York",
    "Pacific/Apia",
    "UTC",
    "Asia/Kolkata",
]


def test_a_month_from_the_31st_ends_where_months_end_and_comes_back() -> None:
    anchor = date(2026, 1, 31)
    assert [boundary(anchor, n) for n in (0, 1, 2, 3, 13, 25, -1)] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
        date(2027, 2, 28), date(2028, 2, 29), date(2025, 12, 31),
    ]  # fmt: skip


def test_the_day_begins_at_the_shops_own_midnight() -> None:
    assert midnight(date(2026, 3, 29), "Europe/Berlin") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert midnight(date(2026, 3, 30), "Europe/Berlin") == datetime(2026, 3, 29, 22, tzinfo=UTC)
    just_before = datetime(2026, 2, 27, 22, 59, 59, 999_999, tzinfo=UTC)
    first = span_at(just_before, anchor=date(2026, 1, 31), zone="Europe/Berlin")
    second = span_at(
        just_before + timedelta(microseconds=1), anchor=date(2026, 1, 31), zone="Europe/Berlin"
    )
    assert (first.n, second.n) == (0, 1)
    assert first.end == second.start


@given(
    at=st.integers(0, 15 * 365 * 86_400).map(lambda n: YEAR_2020 + timedelta(seconds=n)),
    anchor=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_lies_in_exactly_one_month(at: datetime, anchor: date, zone: str) -> None:
    span = span_at(at, anchor=anchor, zone=zone)
    assert span.start <= at < span.end
    after = span_at(span.end, anchor=anchor, zone=zone)
    before = span_at(span.start - timedelta(microseconds=1), anchor=anchor, zone=zone)
    assert (after.n, after.start) == (span.n + 1, span.end)
    assert (before.n, before.end) == (span.n - 1, span.start)


@pytest.mark.parametrize("zone", ZONES)
def test_the_anchors_own_month_is_number_nought(zone: str) -> None:
    anchor = date(2026, 5, 17)
    assert span_at(midnight(anchor, zone), anchor=anchor, zone=zone).n == 0
