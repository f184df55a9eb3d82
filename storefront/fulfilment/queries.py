"""Reading orders the way they are worked on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, func, or_, select
from sqlalchemy.orm import selectinload

from billing.metering.models import Rating, UsageEvent
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import payments_of
from billing.payments.services.record_sale import sale_key, source_of
from billing.plans.queries import find_account
from billing.refunds.models import Refund, RefundState
from billing.refunds.queries import refunds_of
from billing.refunds.services.record_refund import refund_key
from kernel.db import db
from kernel.money import Money
from kernel.paging import PAGE_SIZE, Page, paginate
from storefront.fulfilment.errors import NoOrderWithThisCode
from storefront.fulfilment.rules import Queue
from storefront.orders.errors import OrderNotFound
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.queries import get_order_by_number, left_to_refund
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
MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Fee:
    """Sheaf's part of a payment; negative where it went back with a refund."""

    amount: Money
    rate_ppm: int | None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """An order with all the money that moved for it; `fees` by the id of payment or refund.

    A fee is missing until the payment or refund it belongs to has been counted.
    """

    order: Order
    payments: list[Payment]
    refunds: list[Refund]
    fees: dict[UUID, Fee]
    refundable: Money


def count_queues(*, point_id: UUID | None = None, day: date | None = None) -> dict[Queue, int]:
    """How many orders are in each queue, of a place and day if given, in one statement."""
    counts = [func.count().filter(inside) for inside in IN_QUEUE.values()]
    wanted = _collected_at(point_id, day)
    row = db.session.execute(select(*counts).select_from(Order).where(*wanted)).one()
    return dict(zip(IN_QUEUE, row, strict=True))


def list_queue(
    queue: Queue,
    *,
    search: str = "",
    point_id: UUID | None = None,
    day: date | None = None,
    page: int = 1,
) -> Page[Order]:
    """A page of a queue. A search looks through all queues, by number, name, address or code."""
    query = select(Order).where(*_collected_at(point_id, day))
    query = query.where(_found_by(search)) if search.strip() else query.where(IN_QUEUE[queue])
    if queue in WORKED_ON and not search.strip():
        query = query.order_by(Order.pickup_on, Order.number)
    else:
        query = query.order_by(Order.number.desc())
    return paginate(db.session(), query, number=page, size=PAGE_SIZE)


def list_pickup_days() -> list[date]:
    """The days on which orders that are not over are collected, soonest first."""
    query = select(Order.pickup_on).where(Order.state.in_(OPEN)).distinct()
    return list(db.session.scalars(query.order_by(Order.pickup_on).limit(MOST_DAYS)))


def list_daily_sales(*, since: date, zone: str, currency: str) -> dict[date, Money]:
    """What was ordered and not cancelled on each day of the shop's own time zone, from a day on."""
    day = cast(func.timezone(zone, Order.placed_at), Date)
    query = (
        select(day, func.sum(Order.total_minor))
        .where(day >= since, Order.state != OrderState.CANCELLED, Order.currency == currency)
        .group_by(day)
    )
    return {found: Money(int(total), currency) for found, total in db.session.execute(query)}


def list_all_orders() -> list[Order]:
    """Every order of the shop, oldest first."""
    return list(db.session.scalars(select(Order).order_by(Order.number)))


def has_orders() -> bool:
    """Whether the shop was ever ordered from."""
    return db.session.scalars(select(Order.id).limit(1)).first() is not None


def list_order_ids(numbers: Iterable[int]) -> list[UUID]:
    """The orders with these numbers, in the order of their numbers, or OrderNotFound for any."""
    wanted = set(numbers)
    query = select(Order.id).where(Order.number.in_(wanted)).order_by(Order.number)
    found = list(db.session.scalars(query))
    if len(found) != len(wanted):
        raise OrderNotFound
    return found


def get_order_file(number: int) -> OrderFile:
    """The order with its lines, its timeline, and all that was paid for it, or OrderNotFound."""
    order = get_order_by_number(number)
    payments, refunds = payments_of(order.id), refunds_of(order.id)
    return OrderFile(order, payments, refunds, _fees(payments, refunds), left_to_refund(order))


def get_order_with_code(code: str) -> Order:
    """The open order a shopper has come for, or NoOrderWithThisCode."""
    query = select(Order).where(Order.pickup_code == plain_code(code), Order.state.in_(OPEN))
    order = db.session.scalars(query).one_or_none()
    if order is None:
        raise NoOrderWithThisCode
    return order


def find_order_with_code(code: str) -> Order | None:
    """The order this code opens, with its lines and timeline; without an open one, the newest
    that had it, so that whoever comes twice can be told what happened."""
    query = (
        select(Order)
        .where(Order.pickup_code == plain_code(code))
        .options(selectinload(Order.lines), selectinload(Order.events))
    )
    open_one = db.session.scalars(query.where(Order.state.in_(OPEN))).one_or_none()
    if open_one is not None:
        return open_one
    return db.session.scalars(query.order_by(Order.number.desc()).limit(1)).one_or_none()


def _collected_at(point_id: UUID | None, day: date | None) -> list[ColumnElement[bool]]:
    place = [] if point_id is None else [Order.pickup_point_id == point_id]
    return place if day is None else [*place, Order.pickup_on == day]


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


def _fees(payments: list[Payment], refunds: list[Refund]) -> dict[UUID, Fee]:
    """As rated; what is not rated yet, as it was settled with the charge."""
    paid = [one for one in payments if one.state is PaymentState.SUCCEEDED]
    back = [one for one in refunds if one.state is RefundState.SUCCEEDED]
    fees = {
        one.id: Fee(Money(one.application_fee_minor, one.currency), one.fee_ppm)
        for one in paid
        if one.fee_ppm is not None
    } | {one.id: Fee(Money(-one.fee_minor, one.currency), None) for one in back if one.fee_minor}
    keys = {sale_key(one): one.id for one in paid} | {refund_key(one): one.id for one in back}
    account = find_account() if keys else None
    if account is None:
        return fees
    query = (
        select(UsageEvent, Rating)
        .join(Rating, Rating.event_id == UsageEvent.id)
        .where(
            UsageEvent.account_id == account.id,
            UsageEvent.source.in_({source_of(one) for one in paid}),
            UsageEvent.source_key.in_(keys),
        )
    )
    for event, rating in db.session.execute(query):
        fee = Money(rating.fee_minor, event.currency)
        fees[keys[event.source_key]] = Fee(fee, rating.rate_ppm)
    return fees
