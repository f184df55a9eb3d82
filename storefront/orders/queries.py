"""Reading orders."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from billing.disputes.models import Dispute
from billing.payments.models import Payment
from billing.payments.queries import payments_of
from billing.refunds.models import Refund
from kernel import clock
from kernel.db import db, for_update
from kernel.money import Money
from kernel.scope import current_tenant_id
from storefront.orders.balance import Balance, balance_of
from storefront.orders.errors import OrderNotFound
from storefront.orders.models import Order, OrderEvent, OrderEventKind
from storefront.orders.rules import OPEN, new_pickup_code, read_order_token, read_return_token

MOST_OF_ONE_SHOPPER = 50


def get_order(order_id: UUID) -> Order:
    """The order with its lines and what happened to it, or OrderNotFound."""
    query = select(Order).where(Order.id == order_id)
    order = db.session.scalars(
        query.options(selectinload(Order.lines), selectinload(Order.events))
    ).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def find_order(payable_id: UUID) -> Order | None:
    """The order that money is for; None when it is for something else."""
    query = select(Order).where(Order.id == payable_id).options(selectinload(Order.lines))
    return db.session.scalars(query).one_or_none()


def get_order_by_token(token: str) -> Order:
    """The order whose signed link this is, or OrderNotFound; a neighbour's link finds nothing."""
    order_id = read_order_token(token, current_tenant_id())
    if order_id is None:
        raise OrderNotFound
    return get_order(order_id)


def get_order_by_return_token(token: str) -> Order:
    """The order that a way back from the payment provider leads to, or OrderNotFound."""
    order_id = read_return_token(token, current_tenant_id(), now=clock.now())
    if order_id is None:
        raise OrderNotFound
    return get_order(order_id)


def get_order_by_number(number: int) -> Order:
    """The order with its lines and what happened to it, or OrderNotFound."""
    query = select(Order).where(Order.number == number)
    order = db.session.scalars(
        query.options(selectinload(Order.lines), selectinload(Order.events))
    ).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def list_order_numbers(order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of those of these ids that are orders."""
    query = select(Order.id, Order.number).where(Order.id.in_(set(order_ids)))
    return {row.id: row.number for row in db.session.execute(query)}


def lock_order(order_id: UUID) -> Order:
    """The order with its lines as they are now; nobody else changes it meanwhile."""
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    order = db.session.scalars(for_update(query, of=Order)).one_or_none()
    if order is None:
        raise OrderNotFound
    return order


def find_locked_order(payable_id: UUID) -> Order | None:
    """The order a payment is for, locked; None when the payment is for something else."""
    query = select(Order).where(Order.id == payable_id).options(selectinload(Order.lines))
    return db.session.scalars(for_update(query, of=Order)).one_or_none()


def is_first_order() -> bool:
    """Whether the shop has no order yet."""
    return db.session.scalars(select(Order.id).limit(1)).first() is None


def is_code_open(code: str) -> bool:
    """Whether an order that is not yet collected or cancelled has this pick-up code."""
    query = select(Order.id).where(Order.pickup_code == code, Order.state.in_(OPEN))
    return db.session.scalars(query).first() is not None


def free_pickup_code() -> str:
    """A pick-up code that no open order has; the database refuses one taken meanwhile."""
    code = new_pickup_code()
    while is_code_open(code):
        code = new_pickup_code()
    return code


def list_orders_of(email: str) -> list[Order]:
    """A shopper's newest orders in this shop, by the address they have proven to be theirs."""
    query = select(Order).where(Order.contact_email == email.lower())
    newest = query.order_by(Order.placed_at.desc()).limit(MOST_OF_ONE_SHOPPER)
    return list(db.session.scalars(newest))


def find_balance(order: Order) -> Balance:
    """How the order stands with money now."""
    return list_balances([order])[order.id]


def list_balances(orders: Collection[Order]) -> dict[UUID, Balance]:
    """How each of these orders stands with money now, in four statements."""
    ids = [order.id for order in orders]
    payments, refunds = defaultdict(list), defaultdict(list)
    for payment in db.session.scalars(select(Payment).where(Payment.payable_id.in_(ids))):
        payments[payment.payable_id].append(payment)
    for refund in db.session.scalars(select(Refund).where(Refund.payable_id.in_(ids))):
        refunds[refund.payable_id].append(refund)
    settled, disputed = _settled(ids), _disputed(ids)
    return {
        order.id: balance_of(
            order.currency,
            payments[order.id],
            refunds[order.id],
            settled=settled.get(order.id, 0),
            disputed=disputed.get(order.id, 0),
        )
        for order in orders
    }


def left_to_refund(order: Order) -> Money:
    """What can still be paid back: what arrived, less what is back, on its way, or settled."""
    rest = sum(payment.refundable.minor for payment in payments_of(order.id))
    return Money(max(rest - _settled([order.id]).get(order.id, 0), 0), order.currency)


def _disputed(order_ids: Collection[UUID]) -> dict[UUID, int]:
    """What shoppers' banks claim or have taken, by order."""
    query = (
        select(Dispute.payable_id, func.sum(Dispute.amount_minor))
        .where(Dispute.payable_id.in_(order_ids), Dispute.stops_refunds)
        .group_by(Dispute.payable_id)
    )
    return {order_id: int(total or 0) for order_id, total in db.session.execute(query)}


def _settled(order_ids: Collection[UUID]) -> dict[UUID, int]:
    """What the shop says it made good outside, by order."""
    query = (
        select(OrderEvent.order_id, func.sum(OrderEvent.amount_minor))
        .where(OrderEvent.order_id.in_(order_ids), OrderEvent.kind == OrderEventKind.SETTLED)
        .group_by(OrderEvent.order_id)
    )
    return {order_id: int(total or 0) for order_id, total in db.session.execute(query)}
