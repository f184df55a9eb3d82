"""Test cards and what becomes of them. A card's number is looked at once and never kept."""

from dataclasses import dataclass
from typing import Literal

Result = Literal["succeeds", "declined", "authentication", "arrives_later", "fails_later"]


@dataclass(frozen=True)
class Means:
    """A way to pay, as far as it is remembered: never its number."""

    kind: Literal["card", "sepa_debit"]
    brand: str
    last4: str
    result: Result
    decline_code: str = ""
    disputed_as: str = ""  # the bank takes the money back at once, for this reason


SUCCESS = "4242424242424242"
DECLINED = "4000000000000002"
INSUFFICIENT = "4000000000009995"
AUTHENTICATION = "4000002500003155"
DISPUTED = "4000000000000259"
DELAYED = "bank-debit"
DELAYED_FAILURE = "bank-debit-fails"

OFFERED: dict[str, Means] = {
    SUCCESS: Means("card", "visa", "4242", "succeeds"),
    DECLINED: Means("card", "visa", "0002", "declined", "generic_decline"),
    INSUFFICIENT: Means("card", "visa", "9995", "declined", "insufficient_funds"),
    AUTHENTICATION: Means("card", "visa", "3155", "authentication"),
    DISPUTED: Means("card", "visa", "0259", "succeeds", disputed_as="fraudulent"),
    DELAYED: Means("sepa_debit", "", "3000", "arrives_later"),
    DELAYED_FAILURE: Means("sepa_debit", "", "3001", "fails_later"),
}
_BRANDS = {"2": "mastercard", "3": "amex", "4": "visa", "5": "mastercard", "6": "unionpay"}
_SHORTEST, _LONGEST = 12, 19
_TEN = 10


def read(given: str) -> Means | None:
    """The means behind a test value or any well-formed number; None for a wrong number."""
    given = given.replace(" ", "").replace("-", "") if given not in OFFERED else given
    if given in OFFERED:
        return OFFERED[given]
    if not (given.isascii() and given.isdigit() and _SHORTEST <= len(given) <= _LONGEST):
        return None
    if not _luhn(given):
        return None
    return Means("card", _BRANDS.get(given[0], "unknown"), given[-4:], "succeeds")


def _luhn(number: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if position % 2 else 1)
        total += doubled - 9 if doubled >= _TEN else doubled
    return total % _TEN == 0
