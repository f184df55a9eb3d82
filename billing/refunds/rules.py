"""How a refund moves."""

from billing.refunds.models import RefundState

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


def moves_forward(old: RefundState, new: RefundState) -> bool:
    """Whether news may be applied. A refund can fail after it succeeded; that is its end."""
    return _RANK[new] > _RANK[old]


def state_of(status: str) -> RefundState:
    """Our state for what a refund says at Stripe."""
    return _STATES.get(status, RefundState.PENDING)
