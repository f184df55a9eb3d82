"""How a refund moves, and what is known of the money when it failed."""

from datetime import timedelta
from enum import StrEnum

from billing.refunds.models import RefundState

SWEPT = timedelta(days=30)  # a refund without an answer is asked about for so long
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
# Ends without an answer, from the time when "no access" was still taken for "no".
UNANSWERED = ("no_connection", "no_access")
DISPUTED = "charge_disputed"
MORE_THAN_LEFT = "more_than_left"  # ours: Stripe has a sentence for it, but no code
REFUSED, CANCELLED, UNEXPLAINED = "refused", "canceled", "unknown"

_RANK = {
    RefundState.REQUESTED: 0,
    RefundState.PENDING: 1,
    RefundState.SUCCEEDED: 2,
    RefundState.FAILED: 3,
}
_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class FailureKind(StrEnum):
    """What a refund's failure says about the money. UNKNOWN is the answer for every other code."""

    NOTHING_LEFT_THE_ACCOUNT = "nothing_left_the_account"  # Stripe never sent it
    CAME_BACK = "came_back"  # sent, and the payer's bank would not have it
    ALREADY_BACK = "already_back"  # the payer has it, from a refund made at Stripe itself
    DISPUTED = "disputed"  # the payer's bank has taken the payment back, or may yet
    UNKNOWN = "unknown"  # look at Stripe before anything is paid


# Stripe's error codes and failure reasons, as they are kept in `Refund.failure`.
FAILURE_KINDS = {
    "balance_insufficient": FailureKind.NOTHING_LEFT_THE_ACCOUNT,
    "insufficient_funds": FailureKind.NOTHING_LEFT_THE_ACCOUNT,
    "merchant_request": FailureKind.NOTHING_LEFT_THE_ACCOUNT,
    CANCELLED: FailureKind.NOTHING_LEFT_THE_ACCOUNT,
    "declined": FailureKind.CAME_BACK,
    "expired_or_canceled_card": FailureKind.CAME_BACK,
    "lost_or_stolen_card": FailureKind.CAME_BACK,
    "charge_already_refunded": FailureKind.ALREADY_BACK,
    MORE_THAN_LEFT: FailureKind.ALREADY_BACK,
    DISPUTED: FailureKind.DISPUTED,
    "charge_for_pending_refund_disputed": FailureKind.DISPUTED,
}
# Refusals that say nothing about the money: we asked in the wrong place or with the wrong words.
_NO_ANSWERS = frozenset(
    {
        "account_invalid", "api_key_expired", "idempotency_error", "idempotency_key_in_use",
        "livemode_mismatch", "lock_timeout", "platform_api_key_expired", "rate_limit",
        "resource_missing", "secret_key_required", "testmode_charges_only",
    }
)  # fmt: skip


def failure_kind(code: str) -> FailureKind:
    """What a refund's failure says about the money; of a code that we do not know, nothing."""
    return FAILURE_KINDS.get(code, FailureKind.UNKNOWN)


def refusal_code(*, code: str | None, param: str | None) -> str | None:
    """The word kept for Stripe's refusal, or None when it is no answer to what we asked."""
    if code in _NO_ANSWERS:
        return None
    return code or (MORE_THAN_LEFT if param == "amount" else REFUSED)


def moves_forward(old: RefundState, new: RefundState) -> bool:
    """Whether news may be applied. A refund can fail after it succeeded; that is its end."""
    return _RANK[new] > _RANK[old]


def state_of(status: str) -> RefundState:
    """Our state for what a refund says at Stripe; what is neither made nor failed is under way."""
    return _STATES.get(status, RefundState.PENDING)


def reason_of(status: str, failure_reason: str | None) -> str:
    """Why a refund failed that Stripe had taken on."""
    return failure_reason or (CANCELLED if status == "canceled" else UNEXPLAINED)


def next_wait(age: timedelta) -> timedelta | None:
    """How long to wait before asking again by itself; None once the hourly sweep is enough."""
    wait = max(age, FIRST_WAIT)
    return wait if wait <= LONGEST_WAIT else None
