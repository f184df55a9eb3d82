"""Reading orders the way they are worked on."""

import re
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from kernel.db import db
from kernel.paging import PAGE_SIZE, Page, paginate
from storefront.fulfilment.errors import NoOrderWithThisCode
from storefront.fulfilment.rules import Queue
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.rules import OPEN, plain_code

IN_QUEUE: dict[Queue, ColumnElement[bool]] = {
    Queue.TO_PREPARE: Order.state == OrderState.TO_PREPARE,
    Queue.TO_PAY: Order.state == OrderState.AWAITING_PAYMENT,
    Queue.READY: Order.state == OrderState.READY,
    Queue.COLLECTED: Order.state == OrderState.COLLECTED,
    Queue.CANCELLED: Order.state == OrderState.CANCELLED,
    Queue.REFUNDED: Order.paid_state.in_([PaidState.PART_REFUNDED, PaidState.REFUNDED]),
}
# What is worked on comes by pick-up day; what is over, newest first.
WORKED_ON = (Queue.TO_PREPARE, Queue.TO_PAY, Queue.READY)


def count_queues() -> dict[Queue, int]:
    """How many orders are in each queue, in one statement."""
    counts = [func.count().filter(inside) for inside in IN_QUEUE.values()]
    row = db.session.execute(select(*counts).select_from(Order)).one()
    return dict(zip(IN_QUEUE, row, strict=True))


def list_queue(
    queue: Queue,
    *,
    search: str = "",
    point_id: UUID | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[Order]:
    """A page of a queue. A search looks through all queues, by number, name, address or code."""
    query = select(Order)
    query = query.where(_found_by(search)) if search.strip() else query.where(IN_QUEUE[queue])
    if point_id is not None:
        query = query.where(Order.pickup_point_id == point_id)
    if queue in WORKED_ON and not search.strip():
        query = query.order_by(Order.pickup_on, Order.number)
    else:
        query = query.order_by(Order.number.desc())
    return paginate(db.session(), query, number=page, size=size)


def get_order_with_code(code: str) -> Order:
    """The open order a shopper has come for, or NoOrderWithThisCode."""
    query = select(Order).where(Order.pickup_code == plain_code(code), Order.state.in_(OPEN))
    order = db.session.scalars(query).one_or_none()
    if order is None:
        raise NoOrderWithThisCode
    return order


def _found_by(search: str) -> ColumnElement[bool]:
    text = search.strip()
    found = [
        Order.contact_name.icontains(text, autoescape=True),
        Order.contact_email.icontains(text, autoescape=True),
        Order.pickup_code == plain_code(text),
    ]
    number = text.removeprefix("#")
    if re.fullmatch(r"\d{1,12}", number, re.ASCII):
        found.append(Order.number == int(number))
    return or_(*found)
