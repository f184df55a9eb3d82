"""What is kept of a provider's news: what it was about, never who paid or a link that opens."""

from typing import Any

# Of the event and of its object. Names, addresses, e-mail, descriptions, secrets and every URL
# stay out: a URL of ours in a provider's object is the shopper's own link to the order.
_OF_THE_EVENT = frozenset({
    "id", "object", "type", "account", "api_version", "created", "livemode", "pending_webhooks",
})  # fmt: skip
_OF_THE_OBJECT = frozenset({
    "id", "object", "status", "payment_status", "payment_intent", "charge", "latest_charge",
    "amount", "amount_total", "amount_received", "amount_refunded", "currency", "created",
    "reason", "failure_reason", "cancellation_reason", "client_reference_id", "mode", "livemode",
    "expires_at", "application", "application_fee", "application_fee_amount", "refunded",
    "disputed", "balance_transaction", "charges_enabled", "payouts_enabled", "details_submitted",
    "is_charge_refundable", "payment_method_types",
})  # fmt: skip
_OURS = ("tenant", "payment", "payable", "refund", "sheaf_")
REDACTED = "…"


def what_is_kept(body: dict[str, Any]) -> dict[str, Any]:
    """The event without personal data and links; what was taken out is named, not shown."""
    data = body.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    kept = {name: _plain(value) for name, value in body.items() if name in _OF_THE_EVENT}
    return kept | {"data": {"object": _reduced(thing if isinstance(thing, dict) else {})}}


def _reduced(thing: dict[str, Any]) -> dict[str, Any]:
    kept = {
        name: _plain(value) if name in _OF_THE_OBJECT else REDACTED for name, value in thing.items()
    }
    metadata = thing.get("metadata")
    if isinstance(metadata, dict):
        kept["metadata"] = {
            name: value if name.startswith(_OURS) else REDACTED for name, value in metadata.items()
        }
    deadline = thing.get("evidence_details")
    if isinstance(deadline, dict) and "due_by" in deadline:
        kept["evidence_details"] = {"due_by": deadline["due_by"]}
    return kept


def _plain(value: Any) -> Any:
    """An expanded object is kept by its id; a list by its plain members."""
    if isinstance(value, dict):
        return value.get("id", REDACTED)
    if isinstance(value, list):
        return [item for item in value if isinstance(item, (str, int))]
    return value
