"""Reading what needs somebody. It is worked out from how things stand, so nothing is forgotten and
nothing stays that has been dealt with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, select

from billing.connections.models import PaymentMethod
from billing.disputes.models import Dispute
from billing.payments.models import LIVE, Payment
from billing.refunds.models import Refund, RefundState
from kernel import clock
from kernel.db import db
from kernel.money import Money
from storefront.orders.models import Order, OrderEvent, OrderEventKind, OrderState

UNDER_WAY = (RefundState.REQUESTED, RefundState.PENDING)
PATIENCE = timedelta(minutes=10)  # a doubt that passes by itself needs nobody
MOST = 200


class Need(StrEnum):
    """Why somebody is needed, the most pressing first."""

    DISPUTED = "disputed"
    REFUND_FAILED = "refund_failed"
    PAYMENT_UNKNOWN = "payment_unknown"
    REFUND_UNKNOWN = "refund_unknown"
    PAID_LATE = "paid_late"
    MONEY_STUCK = "money_stuck"
    HAND_BACK = "hand_back"


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that needs a person, about one order, since an instant."""

    need: Need
    order: Order
    since: datetime
    amount: Money
    refund: Refund | None = None


def count_needs() -> int:
    """How many things need somebody now, in one statement."""
    total = sum(_count(query) for query in _open().values())
    return int(db.session.scalar(select(total)) or 0)


def list_needs(order_id: UUID | None = None) -> list[Matter]:
    """All that needs somebody now, of one order or of all, the most pressing and oldest first."""
    wanted = [] if order_id is None else [Order.id == order_id]
    found = [
        _matter(need, row)
        for need, query in _open().items()
        for row in db.session.execute(query.where(*wanted).limit(MOST))
    ]
    order = list(Need)
    return sorted(found, key=lambda one: (order.index(one.need), one.since))


def _open() -> dict[Need, Select[Any]]:
    """For each need the orders that have it, since when, and the refund it is about, if any."""
    return {
        Need.DISPUTED: select(Order, Dispute.opened_at)
        .join(Dispute, Dispute.payable_id == Order.id)
        .where(Dispute.ended_at.is_(None)),
        Need.REFUND_FAILED: _failed(),
        Need.PAYMENT_UNKNOWN: _of_payments(
            Payment.unknown_since.is_not(None),
            Payment.unknown_since < clock.now() - PATIENCE,
            Payment.state.in_(LIVE),
        ),
        Need.REFUND_UNKNOWN: _of_refunds(
            Refund.unknown_since,
            Refund.unknown_since < clock.now() - PATIENCE,
            Refund.state.in_(UNDER_WAY),
        ),
        Need.PAID_LATE: select(Order, Order.placed_at).where(Order.state == OrderState.TO_DECIDE),
        Need.MONEY_STUCK: select(Order, Order.held_until).where(
            Order.state == OrderState.AWAITING_PAYMENT, Order.held_until <= clock.now()
        ),
        Need.HAND_BACK: _of_refunds(
            Refund.requested_at,
            Refund.state == RefundState.REQUESTED,
            Payment.method == PaymentMethod.AT_PICKUP,
        ),
    }


def _failed() -> Select[Any]:
    """Refunds that failed, of money that is still with the shop, and nobody has made good."""
    settled = exists().where(
        OrderEvent.kind == OrderEventKind.SETTLED, OrderEvent.reference == Refund.id
    )
    return _of_refunds(
        Refund.requested_at,
        Refund.state == RefundState.FAILED,
        Payment.amount_minor > Payment.refunded_minor,
        ~settled,
    )


def _of_refunds(since: Any, *having: ColumnElement[bool]) -> Select[Any]:
    return (
        select(Order, since, Refund)
        .join(Refund, Refund.payable_id == Order.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(*having)
    )


def _of_payments(*having: ColumnElement[bool]) -> Select[Any]:
    since: Any = Payment.unknown_since
    return select(Order, since).join(Payment, Payment.payable_id == Order.id).where(*having)


def _count(query: Select[Any]) -> Any:
    rows = query.with_only_columns(literal(1)).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def _matter(need: Need, row: Any) -> Matter:
    refund: Refund | None = row[2] if len(row) > 2 else None  # noqa: PLR2004 - the third, if any
    amount = refund.amount if refund is not None else row[0].total
    return Matter(need, row[0], row[1], amount, refund)
