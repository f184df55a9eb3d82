"""Makes stored things look as complete as Stripe's own answers."""

from typing import Any, get_args

import stripe

_CLASSES: dict[str, type] = {
    "account": stripe.Account,
    "application_fee": stripe.ApplicationFee,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "fee_refund": stripe.ApplicationFeeRefund,
    "payment_intent": stripe.PaymentIntent,
    "refund": stripe.Refund,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
# Stripe leaves these out, instead of showing null, unless they are asked for or have a value.
_LEFT_OUT = frozenset(
    {
        "account",
        "context",
        "deleted",
        "failure_reason",
        "line_items",
        "refunds",
        "requirements",
        "secret",
    }
)


def shown(thing: dict[str, Any]) -> dict[str, Any]:
    """The thing as Stripe shows it: absent fields are null, and what the sandbox remembers
    for itself (names with a leading `_`) is gone."""
    annotations = getattr(_CLASSES.get(thing.get("object", "")), "__annotations__", {})
    nulls = {
        name: None
        for name, hint in annotations.items()
        if type(None) in get_args(hint) and name not in _LEFT_OUT
    }
    return {**nulls, **{name: fact for name, fact in thing.items() if not name.startswith("_")}}
