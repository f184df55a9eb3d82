"""Words and tones for the states of every room, as staff read them."""

from enum import StrEnum

from flask_babel import gettext

from kernel.errors import N_

# Enum.value -> (word, tone); a state without a line is shown as it is stored.
STATES: dict[str, tuple[str, str]] = {
    "TenantState.active": (N_("Active"), "ok"),
    "TenantState.suspended": (N_("Suspended"), "warn"),
    "TenantState.closed": (N_("Closed"), "neutral"),
    "Role.owner": (N_("Owner"), "info"),
    "Role.manager": (N_("Manager"), "neutral"),
    "Role.packer": (N_("Packer"), "neutral"),
    "JobState.ready": (N_("Waiting"), "info"),
    "JobState.done": (N_("Done"), "ok"),
    "JobState.dead": (N_("Dead"), "danger"),
    "MailState.queued": (N_("Queued"), "info"),
    "MailState.sent": (N_("Sent"), "ok"),
    "OrderState.awaiting_payment": (N_("To pay"), "warn"),
    "OrderState.to_decide": (N_("Paid too late"), "warn"),
    "OrderState.to_prepare": (N_("To prepare"), "info"),
    "OrderState.ready": (N_("Ready"), "ok"),
    "OrderState.collected": (N_("Collected"), "neutral"),
    "OrderState.cancelled": (N_("Cancelled"), "neutral"),
    "PaidState.unpaid": (N_("Unpaid"), "warn"),
    "PaidState.paid": (N_("Paid"), "ok"),
    "PaidState.part_refunded": (N_("Refunded in part"), "info"),
    "PaidState.refunded": (N_("Refunded"), "neutral"),
    "PaymentState.requested": (N_("Asked for"), "info"),
    "PaymentState.open": (N_("Page opened"), "info"),
    "PaymentState.waiting": (N_("Waiting for the payer"), "info"),
    "PaymentState.processing": (N_("Under way"), "info"),
    "PaymentState.failed": (N_("Failed"), "danger"),
    "PaymentState.expired": (N_("Expired"), "neutral"),
    "PaymentState.succeeded": (N_("Succeeded"), "ok"),
    "PaymentMethod.stripe": (N_("Online"), "neutral"),
    "PaymentMethod.at_pickup": (N_("At pick-up"), "neutral"),
    "ConnectionMode.none": (N_("None"), "neutral"),
    "ConnectionMode.connect": (N_("Connected account"), "neutral"),
    "ConnectionMode.own_keys": (N_("Keys of its own"), "neutral"),
    "RefundState.requested": (N_("Asked for"), "info"),
    "RefundState.pending": (N_("Under way"), "info"),
    "RefundState.succeeded": (N_("Succeeded"), "ok"),
    "RefundState.failed": (N_("Failed"), "danger"),
    "UsageKind.sale": (N_("Sale"), "neutral"),
    "UsageKind.refund": (N_("Refund"), "info"),
    "UsageKind.refund_failed": (N_("Refund failed"), "warn"),
    "Collection.at_charge": (N_("Out of the charge"), "neutral"),
    "Collection.in_arrears": (N_("By invoice"), "neutral"),
    "ProviderEventState.received": (N_("To do"), "info"),
    "ProviderEventState.done": (N_("Done"), "ok"),
    "ProviderEventState.ignored": (N_("Ignored"), "neutral"),
    "ProviderEventState.refused": (N_("Refused"), "danger"),
    "ProviderEventState.unroutable": (N_("Nobody's"), "warn"),
    "OrderEventKind.placed": (N_("Placed"), "neutral"),
    "OrderEventKind.paid": (N_("Paid"), "neutral"),
    "OrderEventKind.ready": (N_("Ready"), "neutral"),
    "OrderEventKind.collected": (N_("Collected"), "neutral"),
    "OrderEventKind.cancelled": (N_("Cancelled"), "neutral"),
    "OrderEventKind.taken_up_again": (N_("Taken up again"), "neutral"),
    "OrderEventKind.paid_too_late": (N_("Paid too late"), "neutral"),
    "OrderEventKind.refund_requested": (N_("Refund asked for"), "neutral"),
    "OrderEventKind.refunded": (N_("Refunded"), "neutral"),
    "OrderEventKind.refund_failed": (N_("Refund failed"), "neutral"),
}


def state_words(value: StrEnum) -> str:
    """A state in the reader's language."""
    known = STATES.get(f"{type(value).__name__}.{value}")
    return gettext(known[0]) if known else str(value).replace("_", " ")


def state_tone(value: StrEnum) -> str:
    """How a state's badge looks: neutral, info, ok, warn or danger."""
    known = STATES.get(f"{type(value).__name__}.{value}")
    return known[1] if known else "neutral"
