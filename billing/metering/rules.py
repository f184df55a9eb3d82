"""Fees as pure functions of amounts and ladders: no database, no clock, no float.

A ladder's fee is a difference of one cumulative function, so the order in which sales arrive
cannot change their total; rounding happens once per band and nowhere else (billing semantics 2.4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kernel.money import PPM, round_half_away, share

RATER_VERSION = 1


class BadLadder(ValueError):
    """Bands that leave a gap, overlap, or do not reach to the end."""


@dataclass(frozen=True, slots=True)
class Band:
    """A rate for the part of the volume up to and including `up_to_minor`; None is the rest."""

    up_to_minor: int | None
    rate_ppm: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Bands from zero without gaps, the last one open. Refused otherwise."""

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        if not self.bands or self.bands[-1].up_to_minor is not None:
            raise BadLadder("the last band has no end")
        floor = 0
        for band in self.bands[:-1]:
            if band.up_to_minor is None or band.up_to_minor <= floor:
                raise BadLadder("bands follow each other without gaps or overlaps")
            floor = band.up_to_minor
        if any(not 0 <= band.rate_ppm <= PPM for band in self.bands):
            raise BadLadder("a rate is between nothing and everything")


@dataclass(frozen=True, slots=True)
class Extras:
    """What a plan adds per sale after the ladder's part, in minor units."""

    fixed_minor: int = 0
    min_minor: int | None = None
    max_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee in its parts: `ladder + fixed + clamp_delta` is the fee."""

    ladder_minor: int
    fixed_minor: int = 0
    clamp_delta_minor: int = 0

    @property
    def minor(self) -> int:
        return self.ladder_minor + self.fixed_minor + self.clamp_delta_minor


def parts(ladder: Ladder, volume_minor: int) -> list[int]:
    """How much of a volume lies in each band."""
    found, floor = [], 0
    for band in ladder.bands:
        ceiling = volume_minor if band.up_to_minor is None else min(volume_minor, band.up_to_minor)
        found.append(max(ceiling - floor, 0))
        floor = max(ceiling, floor)
    return found


def ladder_fee(ladder: Ladder, volume_minor: int) -> int:
    """F(V): the whole fee of a volume; rounded per band, so that lines per band add up."""
    assert volume_minor >= 0, "a volume is never negative"
    pieces = zip(parts(ladder, volume_minor), ladder.bands, strict=True)
    return sum(share(part, band.rate_ppm) for part, band in pieces)


def fee_step(ladder: Ladder, *, before_minor: int, change_minor: int) -> int:
    """F(V + d) - F(V): what an event adds in arrears; negative for money given back."""
    return ladder_fee(ladder, before_minor + change_minor) - ladder_fee(ladder, before_minor)


def sale_fee(ladder: Ladder, extras: Extras, *, before_minor: int, amount_minor: int) -> Fee:
    """A sale's fee in arrears: the ladder's step, the fixed part, then minimum and maximum.

    Never negative and never more than the sale.
    """
    step = fee_step(ladder, before_minor=before_minor, change_minor=amount_minor)
    return _clamped(step, extras, amount_minor)


def charge_fee(rate_ppm: int, extras: Extras, *, amount_minor: int) -> Fee:
    """A sale's fee taken at the charge, from a rate that was fixed before it."""
    return _clamped(share(amount_minor, rate_ppm), extras, amount_minor)


def _clamped(ladder_minor: int, extras: Extras, amount_minor: int) -> Fee:
    wanted = ladder_minor + extras.fixed_minor
    fee = max(wanted, extras.min_minor or 0)
    if extras.max_minor is not None:
        fee = min(fee, extras.max_minor)
    fee = min(fee, amount_minor)
    return Fee(ladder_minor, extras.fixed_minor, fee - wanted)


def refund_part(
    *, fee_minor: int, amount_minor: int, refunded_minor: int, reversed_minor: int
) -> int:
    """The part of a charge's fee that goes back with the newest refund.

    `refunded_minor` counts every refund with this one, `reversed_minor` the parts given back
    before; so any number of refunds that make up the whole give back exactly the whole fee.
    """
    assert 0 <= refunded_minor <= amount_minor, "no more is refunded than was sold"
    due = round_half_away(Fraction(fee_minor * refunded_minor, amount_minor))
    return max(due - reversed_minor, 0)


def rate_at(ladder: Ladder, volume_minor: int) -> int:
    """The rate of the next unit sold after a volume."""
    for band in ladder.bands:
        if band.up_to_minor is None or volume_minor < band.up_to_minor:
            return band.rate_ppm
    raise AssertionError("the last band has no end")


def flat_rate(ladder: Ladder, *, before_minor: int, after_minor: int) -> int | None:
    """The one rate of everything between two volumes, or None when they span several bands."""
    low, high = sorted((before_minor, after_minor))
    touched = zip(parts(ladder, low), parts(ladder, high), ladder.bands, strict=True)
    rates = {band.rate_ppm for lower, upper, band in touched if upper > lower}
    return rates.pop() if len(rates) == 1 else None


def total_fee(ladder: Ladder, *, start_minor: int, changes: Iterable[int]) -> int:
    """The fee of a bucket from its events in any order: F(S + N) - F(S)."""
    return fee_step(ladder, before_minor=start_minor, change_minor=sum(changes))


def read_ladder(rows: Sequence[tuple[int | None, int]]) -> Ladder:
    """A ladder from (up to, rate) pairs in their order; raises BadLadder."""
    return Ladder(tuple(Band(up_to, rate) for up_to, rate in rows))
