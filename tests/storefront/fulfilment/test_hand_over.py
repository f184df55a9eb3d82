"""Packing, taking money and handing over."""

import psycopg
import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.sandbox import Sandbox
from kernel.db import new_id
from kernel.errors import DomainError
from kernel.scope import acting_for
from storefront.catalog.models import HoldState
from storefront.fulfilment.errors import NoOrderWithThisCode, NotPaidYet, WrongCode
from storefront.fulfilment.queries import count_queues, get_order_with_code, list_queue
from storefront.fulfilment.rules import Queue
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.errors import NotPossibleNow
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.rules import readable_code
from storefront.orders.services import cancel_order
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.factories.storefront import make_product, stock_left
from tests.jobs import run_due_jobs


def hold_states(admin: psycopg.Connection) -> list[str]:
    return [row[0] for row in admin.execute("SELECT state FROM stock_holds").fetchall()]


def test_from_packing_to_hand_over(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    ben = new_id()
    order = make_order(greenfield, {make_product(greenfield, stock="10"): "2"})

    with acting_for(greenfield.id):
        mark_ready(order_id=order.id)
        take_payment(order_id=order.id, taken_by=ben)
        mark_collected(order_id=order.id, code=f" {readable_code(order.pickup_code).lower()} ")
        (payment,) = payments_of(order.id)
    run_due_jobs(app)

    now = read_order(greenfield, order.id)
    assert (now.state, now.paid_state) == (OrderState.COLLECTED, PaidState.PAID)
    assert payment.recorded_by == ben
    assert hold_states(admin) == [HoldState.SOLD]
    assert stock_left(greenfield, order.lines[0].product_id) == 8000
    assert [event.kind for event in now.events].count("paid") == 1


def test_nothing_is_handed_over_unpaid(greenfield: Tenant, admin: psycopg.Connection) -> None:
    order = make_order(greenfield)

    with acting_for(greenfield.id), pytest.raises(NotPaidYet):
        mark_collected(order_id=order.id, code=order.pickup_code)

    assert read_order(greenfield, order.id).state is OrderState.TO_PREPARE
    assert hold_states(admin) == [HoldState.HELD]


@pytest.mark.parametrize("code", ["", "AAAAAA", "K7M4Q", "é" * 6])
def test_a_wrong_code_hands_nothing_over(greenfield: Tenant, code: str) -> None:
    order = make_order(greenfield)

    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())
        with pytest.raises(WrongCode):
            mark_collected(order_id=order.id, code=code)

    assert read_order(greenfield, order.id).state is OrderState.TO_PREPARE


def test_money_is_taken_once(app: Flask, greenfield: Tenant) -> None:
    order = make_order(greenfield)

    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())
        with pytest.raises(NotPossibleNow):
            take_payment(order_id=order.id, taken_by=new_id())
        assert len(payments_of(order.id)) == 1


def test_an_online_order_takes_no_money_by_hand(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)

    with acting_for(greenfield.id):
        with pytest.raises(NotPossibleNow):
            take_payment(order_id=order.id, taken_by=new_id())
        with pytest.raises(NotPaidYet):
            mark_collected(order_id=order.id, code=order.pickup_code)


@pytest.mark.parametrize("refusal", [NotPossibleNow])
def test_a_cancelled_order_goes_nowhere(greenfield: Tenant, refusal: type[DomainError]) -> None:
    order = make_order(greenfield)

    with acting_for(greenfield.id):
        cancel_order(order_id=order.id, reason="Closed", cancelled_by=new_id())
        with pytest.raises(refusal):
            mark_ready(order_id=order.id)
        with pytest.raises(refusal):
            take_payment(order_id=order.id, taken_by=new_id())
        with pytest.raises(refusal):
            mark_collected(order_id=order.id, code=order.pickup_code)


def test_orders_are_found_by_number_name_address_and_code(greenfield: Tenant) -> None:
    mia = make_order(greenfield)
    make_order(greenfield, name="Jonas Keller", email="jonas@example.org")

    def found(search: str) -> list[int]:
        with acting_for(greenfield.id):
            return [order.number for order in list_queue(Queue.READY, search=search).rows]

    for search in ("1001", "#1001", "brandt", "mia@ex", readable_code(mia.pickup_code)):
        assert found(search) == [1001]
    assert found("100%") == []


def test_queues_are_counted(app: Flask, greenfield: Tenant, hillside: Tenant) -> None:
    orders: list[Order] = [make_order(greenfield) for _ in range(3)]
    make_order(hillside)

    with acting_for(greenfield.id):
        mark_ready(order_id=orders[0].id)
        take_payment(order_id=orders[1].id, taken_by=new_id())
        cancel_order(
            order_id=orders[1].id, reason="Closed", cancelled_by=new_id(), handed_back=True
        )
    run_due_jobs(app)

    with acting_for(greenfield.id):
        assert count_queues() == {
            Queue.TO_PREPARE: 1,
            Queue.TO_PAY: 0,
            Queue.READY: 1,
            Queue.COLLECTED: 0,
            Queue.CANCELLED: 1,
            Queue.REFUNDED: 1,
        }


def test_a_code_of_the_neighbours_opens_nothing(greenfield: Tenant, hillside: Tenant) -> None:
    theirs = make_order(hillside)

    with acting_for(greenfield.id), pytest.raises(NoOrderWithThisCode):
        get_order_with_code(theirs.pickup_code)
    with acting_for(hillside.id):
        assert get_order_with_code(theirs.pickup_code).id == theirs.id


def test_a_paid_online_order_is_handed_over(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)

    with acting_for(greenfield.id):
        mark_collected(order_id=order.id, code=order.pickup_code)

    assert read_order(greenfield, order.id).state is OrderState.COLLECTED
