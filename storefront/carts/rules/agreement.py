"""What a page has shown, carried by its form, and what of it is different now.

A form that binds a shopper carries what the page said, under our signature. It is never where a
price comes from: it is only compared with what is now, so that a changed, old or forged one leads
to being asked again and to nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kernel.money import Money
from kernel.quantity import Unit, price_of
from kernel.vault import read_signed, sign
from storefront.carts.rules.lines import CartNow, LineNow, Terms
from storefront.pickup.queries import OpenPlace
from storefront.pickup.rules import PickupDay


class What(StrEnum):
    """What is different."""

    ADDED = "added"
    REMOVED = "removed"
    GONE = "gone"
    SOLD_OUT = "sold_out"
    LESS = "less"
    STEP = "step"
    AMOUNT = "amount"
    NAME = "name"
    GROWER = "grower"
    UNIT = "unit"
    PRICE = "price"
    PLACE = "place"
    ADDRESS = "address"
    HOURS = "hours"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A product, how much of it and what that comes to."""

    product_id: UUID
    terms: Terms
    quantity_milli: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """A pick-up point and its days: the day's date to its hours, as "09:00 18:00"."""

    name_en: str
    name_zh: str
    address: str
    days: Mapping[str, str]

    def name_in(self, language: str) -> str:
        """Its name in "zh" or "en"."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as a page showed it: what, for how much, and where and when it can be collected."""

    lines: Mapping[UUID, SeenLine]
    total: Money
    places: Mapping[str, SeenPlace]

    def digest(self, point_id: UUID, day: date) -> str:
        """The same if and only if the same was shown of what is ordered at this place and day."""
        place = self.places.get(str(point_id))
        where = (
            [place.name_en, place.name_zh, place.address, place.days.get(day.isoformat())]
            if place
            else []
        )
        lines = [_plain(self.lines[key]) for key in sorted(self.lines)]
        said = [lines, self.total.minor, self.total.currency, str(point_id), str(day), where]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LineChange:
    """One product, as it was shown and as it is."""

    what: What
    was: SeenLine | None
    now: SeenLine | None


@dataclass(frozen=True, slots=True)
class TotalChange:
    """What all comes to; in another currency when the shop changed its own."""

    was: Money
    now: Money


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """The chosen place or its hours on the chosen day."""

    what: What
    was: SeenPlace | None
    now: SeenPlace
    day: date


Change = LineChange | TotalChange | PlaceChange


def seen_of(cart: CartNow, places: Iterable[OpenPlace]) -> Seen:
    """What a page shows that shows this cart, as it can be ordered, and these places."""
    lines = {
        line.product.id: SeenLine(line.product.id, line.terms, line.quantity_milli, line.sum.minor)
        for line in cart.orderable
    }
    shown = {str(place.point.id): _place(place) for place in places}
    return Seen(lines, cart.total, shown)


def differences(
    was: Seen, cart: CartNow, now: Seen, choice: tuple[UUID, date] | None = None
) -> list[Change]:
    """All that is not as it was shown, of the order and of the chosen place and day."""
    found: list[Change] = [*line_differences(was.lines, cart, now.lines)]
    if was.total != now.total:
        found.append(TotalChange(was.total, now.total))
    return found + (_place_differences(was, now, *choice) if choice else [])


def line_differences(
    was: Mapping[UUID, SeenLine], cart: CartNow, now: Mapping[UUID, SeenLine]
) -> list[LineChange]:
    """Each product whose amount or terms are not as they were shown, in the cart's order."""
    here = {line.product.id for line in cart.lines}
    found = [change for line in cart.lines for change in _changes_of(line, was, now)]
    gone = [LineChange(What.REMOVED, was[key], None) for key in was if key not in here]
    return found + gone


def changes_in_cart(cart: CartNow) -> list[LineChange]:
    """What is new about a cart since each product was put in or its owner last agreed."""
    then = {line.product.id: _as_put_in(line) for line in cart.lines}
    return line_differences(then, cart, seen_of(cart, []).lines)


def seal_seen(seen: Seen, tenant_id: UUID) -> str:
    """What was shown, as a form carries it."""
    places = {
        key: [place.name_en, place.name_zh, place.address, dict(place.days)]
        for key, place in seen.places.items()
    }
    said = [
        [_plain(line) for line in seen.lines.values()],
        seen.total.minor,
        seen.total.currency,
        places,
    ]
    return sign([json.dumps(said, separators=(",", ":"))], purpose=f"shown|{tenant_id}")


def read_seen(text: str, tenant_id: UUID) -> Seen | None:
    """What a form of this shop carries; None for any other text."""
    parts = read_signed(text, purpose=f"shown|{tenant_id}")
    if not parts:
        return None
    lines, total, currency, places = json.loads(parts[0])
    read = [
        SeenLine(UUID(key), _terms(terms), quantity, sum_minor)
        for key, terms, quantity, sum_minor in lines
    ]
    return Seen(
        {line.product_id: line for line in read},
        Money(total, currency),
        {key: SeenPlace(*place) for key, place in places.items()},
    )


def seal_terms(product_id: UUID, terms: Terms, tenant_id: UUID) -> str:
    """What was shown of one product, as the form that puts it in the cart carries it."""
    said = json.dumps([str(product_id), list(astuple(terms))], separators=(",", ":"))
    return sign([said], purpose=f"terms|{tenant_id}")


def read_terms(text: str, product_id: UUID, tenant_id: UUID) -> Terms | None:
    """What a form of this shop carries about this product; None for any other text."""
    parts = read_signed(text, purpose=f"terms|{tenant_id}")
    if not parts:
        return None
    about, terms = json.loads(parts[0])
    return _terms(terms) if about == str(product_id) else None


def _changes_of(
    line: LineNow, was: Mapping[UUID, SeenLine], now: Mapping[UUID, SeenLine]
) -> list[LineChange]:
    before, after = was.get(line.product.id), now.get(line.product.id)
    if before is None:
        return [LineChange(What.ADDED, None, after)] if after else []
    if after is None:
        why = What(line.short.value) if line.short else What.REMOVED
        return [LineChange(why, before, None)]
    found = []
    if before.quantity_milli != after.quantity_milli:
        found.append(What(line.short.value) if line.short else What.AMOUNT)
    old, new = before.terms, after.terms
    if (old.name_en, old.name_zh) != (new.name_en, new.name_zh):
        found.append(What.NAME)
    if old.grower != new.grower:
        found.append(What.GROWER)
    if old.unit != new.unit:
        found.append(What.UNIT)
    if old.price != new.price:
        found.append(What.PRICE)
    return [LineChange(what, before, after) for what in found]


def _as_put_in(line: LineNow) -> SeenLine:
    worth = price_of(line.wanted_milli, line.seen.price_minor)
    return SeenLine(line.product.id, line.seen, line.wanted_milli, worth)


def _place_differences(was: Seen, now: Seen, point_id: UUID, day: date) -> list[Change]:
    before, after = was.places.get(str(point_id)), now.places.get(str(point_id))
    if after is None or day.isoformat() not in after.days:
        return []  # the form itself says that this day is over
    if before is None or day.isoformat() not in before.days:
        return [PlaceChange(What.NOT_SHOWN, before, after, day)]
    found = []
    if (before.name_en, before.name_zh) != (after.name_en, after.name_zh):
        found.append(What.PLACE)
    if before.address != after.address:
        found.append(What.ADDRESS)
    if before.days[day.isoformat()] != after.days[day.isoformat()]:
        found.append(What.HOURS)
    return [PlaceChange(what, before, after, day) for what in found]


def _place(place: OpenPlace) -> SeenPlace:
    point = place.point
    days = {day.date.isoformat(): _hours(day) for day in place.days}
    return SeenPlace(point.name_in("en"), point.name_in("zh"), point.address, days)


def _hours(day: PickupDay) -> str:
    return f"{day.opens:%H:%M} {day.closes:%H:%M}"


def _plain(line: SeenLine) -> list[object]:
    return [str(line.product_id), list(astuple(line.terms)), line.quantity_milli, line.sum_minor]


def _terms(said: list[str | int]) -> Terms:
    name_en, name_zh, grower, unit, price, currency = said
    return Terms(
        str(name_en), str(name_zh), str(grower), Unit(str(unit)), int(price), str(currency)
    )
