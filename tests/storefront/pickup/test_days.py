"""Which days can be chosen, and until when, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storefront.pickup.models import OpeningHour, PickupPoint
from storefront.pickup.rules import next_days

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Cairo",
    "Pacific/Apia", "America/Havana", "Pacific/Chatham", "America/Sao_Paulo", "UTC",
]  # fmt: skip
ANY_ZONE = st.sampled_from(ZONES).map(ZoneInfo)
INSTANTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda s: datetime.fromtimestamp(s, UTC))


def point(lead_hours: int = 24, days_ahead: int = 7) -> PickupPoint:
    return PickupPoint(name_en="Gate", address="x", lead_hours=lead_hours, days_ahead=days_ahead)


def open_on(*weekdays: int, opens: time = time(9), closes: time = time(12)) -> list[OpeningHour]:
    return [OpeningHour(weekday=day, opens=opens, closes=closes) for day in weekdays]


def test_a_day_can_be_chosen_until_its_lead_time_begins() -> None:
    friday = date(2026, 6, 5)
    cut_off = datetime(2026, 6, 4, 7, tzinfo=UTC)  # nine in the morning of Thursday in Berlin

    before = next_days(point(), open_on(4), cut_off - timedelta(seconds=1), BERLIN)
    at = next_days(point(), open_on(4), cut_off, BERLIN)

    assert [(day.date, day.cut_off) for day in before] == [(friday, cut_off)]
    assert at == []


def test_closed_days_and_days_too_far_ahead_are_left_out() -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    days = next_days(point(days_ahead=8), open_on(2, 4), now, BERLIN, closed={date(2026, 6, 3)})

    assert [day.date for day in days] == [date(2026, 6, 5)]


def test_today_is_the_shops_today() -> None:
    """At 17:00 UTC it is already tomorrow in Shanghai."""
    now = datetime(2026, 6, 1, 17, tzinfo=UTC)

    days = next_days(
        point(lead_hours=0, days_ahead=1), open_on(*range(7)), now, ZoneInfo("Asia/Shanghai")
    )

    assert [day.date for day in days] == [date(2026, 6, 2), date(2026, 6, 3)]


@pytest.mark.parametrize(
    ("sunday", "cut_off"),
    [(date(2026, 3, 29), datetime(2026, 3, 28, 7, tzinfo=UTC)),
     (date(2026, 10, 25), datetime(2026, 10, 24, 8, tzinfo=UTC))],
)  # fmt: skip
def test_lead_time_is_real_hours_when_the_clocks_change(sunday: date, cut_off: datetime) -> None:
    now = datetime.combine(sunday - timedelta(days=3), time(12), tzinfo=UTC)

    (day,) = next_days(point(), open_on(6), now, BERLIN)

    assert (day.date, day.opens, day.cut_off) == (sunday, time(9), cut_off)


@settings(deadline=None)
@given(
    now=INSTANTS,
    zone=ANY_ZONE,
    lead_hours=st.integers(0, 336),
    days_ahead=st.integers(1, 60),
    opens=st.times(max_value=time(22, 59)),
    weekdays=st.sets(st.integers(0, 6)),
    closed=st.sets(st.dates(date(2020, 1, 1), date(2035, 3, 1)), max_size=5),
)
def test_every_day_offered_is_one_that_keeps_its_promises(
    *, now: datetime, zone: ZoneInfo, lead_hours: int, days_ahead: int,
    opens: time, weekdays: set[int], closed: set[date],
) -> None:  # fmt: skip
    hours = open_on(*weekdays, opens=opens, closes=time(23))
    days = next_days(point(lead_hours, days_ahead), hours, now, zone, closed)

    today = now.astimezone(zone).date()
    assert [day.date for day in days] == sorted({day.date for day in days})
    for day in days:
        assert day.date.weekday() in weekdays
        assert day.date not in closed
        assert today <= day.date <= today + timedelta(days=days_ahead)
        assert now < day.cut_off
        opening = day.cut_off + timedelta(hours=lead_hours)
        # A local time that the clocks skip is the instant just after the gap.
        assert abs(
            opening.astimezone(zone).replace(tzinfo=None) - datetime.combine(day.date, opens)
        ) <= timedelta(hours=24)


@settings(deadline=None)
@given(
    now=INSTANTS,
    later=st.timedeltas(timedelta(0), timedelta(days=3)),
    zone=ANY_ZONE,
)
def test_a_day_that_is_over_never_comes_back(
    now: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    here, hours = point(lead_hours=30, days_ahead=10), open_on(1, 3, 6)
    first = {day.date for day in next_days(here, hours, now, zone)}
    then = {day.date for day in next_days(here, hours, now + later, zone)}
    horizon = now.astimezone(zone).date() + timedelta(days=10)

    assert {day for day in then if day <= horizon} <= first
