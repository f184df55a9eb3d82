"""How a payment moves, and how little may be asked for online."""

from billing.payments.models import PaymentState
from kernel.money import Money

# Stripe's smallest charges in minor units, per currency; rounded up where it depends on a rate.
SMALLEST = {
    "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CNY": 400, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "JPY": 50, "KRW": 700, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50,
    "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 2000, "TWD": 2000, "USD": 50,
    "VND": 13000,
}  # fmt: skip

LARGEST_MINOR = 99_999_999  # Stripe takes eight digits, whatever the currency

_RANK = {
    PaymentState.REQUESTED: 0,
    PaymentState.OPEN: 1,
    PaymentState.WAITING: 2,
    PaymentState.PROCESSING: 3,
    PaymentState.FAILED: 4,
    PaymentState.EXPIRED: 4,
    PaymentState.SUCCEEDED: 5,
}
# An intent in one of these has taken no money, and cannot once its page is closed.
_UNPAID = frozenset(
    {None, "requires_payment_method", "requires_confirmation", "requires_action", "canceled"}
)
# A page that was left for good with one of these: the bank, or the end of a voucher, said no.
_FAILED = frozenset({"requires_payment_method", "canceled"})


def smallest_charge(currency: str) -> Money:
    """The least that can be paid online."""
    return Money(SMALLEST[currency], currency)


def largest_charge(currency: str) -> Money:
    """The most that can be paid online at once."""
    return Money(LARGEST_MINOR, currency)


def moves_forward(old: PaymentState, new: PaymentState) -> bool:
    """Whether news may be applied. Money that arrived outranks everything said before it."""
    return _RANK[new] > _RANK[old]


def state_of(*, session: str, payment_status: str, intent: str | None) -> PaymentState:
    """Our state for what a Checkout Session and its payment say at Stripe.

    Only what certainly is an end is one: a word that we do not know means that we wait.
    """
    if intent == "succeeded" or (session == "complete" and payment_status == "paid"):
        return PaymentState.SUCCEEDED
    if intent == "processing":
        return PaymentState.PROCESSING
    if session == "open":
        return PaymentState.OPEN
    if session == "expired" and intent in _UNPAID:
        return PaymentState.EXPIRED
    if session == "complete" and payment_status == "unpaid" and intent in _FAILED:
        return PaymentState.FAILED
    return PaymentState.WAITING
