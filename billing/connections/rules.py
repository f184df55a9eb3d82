"""Where a cooperative can have a Stripe account, and which keys may be its own."""

import re
from datetime import timedelta

# Countries in which Stripe opens accounts of this kind, by ISO 3166 code.
COUNTRIES = (
    "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
    "GR", "HK", "HR", "HU", "IE", "IT", "JP", "LT", "LU", "LV", "MT", "MX", "MY", "NL", "NO", "NZ",
    "PL", "PT", "RO", "SE", "SG", "SI", "SK", "TH", "US",
)  # fmt: skip
# A shop's currency says where it most likely is; EUR is left to the person.
LIKELY_COUNTRY = {
    "AUD": "AU", "BRL": "BR", "CAD": "CA", "CHF": "CH", "CNY": "HK", "CZK": "CZ", "DKK": "DK",
    "EUR": "DE", "GBP": "GB", "HKD": "HK", "JPY": "JP", "MXN": "MX", "MYR": "MY", "NOK": "NO",
    "NZD": "NZ", "PLN": "PL", "RON": "RO", "SEK": "SE", "SGD": "SG", "THB": "TH", "USD": "US",
}  # fmt: skip
# What we must hear of; everything else is looked up when it is needed. Stripe lists at most 20.
EVENT_TYPES = (
    "account.application.deauthorized",
    "account.updated",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
)
KEPT = timedelta(days=30)  # how long, at most, the key of an account that was left is kept
_PUBLIC_KEY = re.compile(r"pk_(test|live)_\w+")
HINT_LENGTH = 4


def is_public_key(text: str) -> bool:
    """Whether this is the key that Stripe shows beside the secret one, and cannot charge."""
    return _PUBLIC_KEY.fullmatch(text) is not None


def likely_country(currency: str) -> str:
    """A first guess for the form."""
    return LIKELY_COUNTRY.get(currency, "US")
