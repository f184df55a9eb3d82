"""Writing down what happened to an order, once."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import transaction
from storefront.orders.models import Order, OrderEvent, OrderEventKind
from tenants.audit.actors import current_actor


def write_event(
    order: Order,
    kind: OrderEventKind,
    *,
    note: str = "",
    amount_minor: int | None = None,
    reference: UUID | None = None,
) -> bool:
    """The event stands in the order's timeline under the present actor; says whether it is news.

    An event with a reference is written once; the order must be locked.
    """
    with transaction() as session:
        if reference is not None and is_told(order, kind, reference):
            return False
        session.add(
            OrderEvent(
                order_id=order.id,
                kind=kind,
                actor_name=current_actor().name,
                note=note,
                amount_minor=amount_minor,
                reference=reference,
            )
        )
        session.flush()
        return True


def is_told(order: Order, kind: OrderEventKind, reference: UUID) -> bool:
    """Whether the timeline has this news already."""
    with transaction() as session:
        query = select(OrderEvent.id).where(
            OrderEvent.order_id == order.id,
            OrderEvent.kind == kind,
            OrderEvent.reference == reference,
        )
        return session.scalars(query).first() is not None
