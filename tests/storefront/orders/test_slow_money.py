"""Money that takes days: kept for, never too early called failed, never packed for a day that is
over (findings M4, M5)."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox, cards
from kernel import clock
from kernel.db import new_id, transaction
from kernel.errors import DomainError
from kernel.scope import acting_for
from storefront.catalog.services import hold_stock
from storefront.orders.errors import NotEnoughLeftForDay, NotPossibleNow
from storefront.orders.jobs import on_payment_slow
from storefront.orders.models import CancelCause, Order, OrderState, PaidState
from storefront.orders.queries import lock_order
from storefront.orders.rules import order_token
from storefront.orders.services import move_order, open_payment_page, refuse_day
from storefront.pickup.queries import list_open_places
from tenants.accounts.models import Tenant
from tenants.people.rules import Role
from tests.browsers import browse
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.factories.storefront import make_product, stock_left
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs

MIA = "mia@example.org"


@pytest.fixture
def debit(app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any]) -> Order:
    """Two of three kilograms for tomorrow at most, paid by a bank debit that is under way."""
    make_member(greenfield, "Ana", role=Role.OWNER)
    make_connection(greenfield, sandbox)
    carrots = make_product(greenfield, price=320, stock="3")
    order = make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order, card=cards.DELAYED)
    with acting_for(greenfield.id):
        on_payment_slow(payable_id=order.id)
    run_due_jobs(app)
    return order


def arrive(app: Flask, tenant: Tenant, sandbox: Sandbox, order: Order) -> None:
    sandbox.settle()
    with acting_for(tenant.id):
        refresh_payment(payment_id=payments_of(order.id)[-1].id)
    run_due_jobs(app)


def to_mia(outbox: list[Any]) -> list[str]:
    return [mail.subject + "\n" + mail.body for mail in outbox if mail.to == [MIA]]


def page_of(app: Flask, tenant: Tenant, order: Order) -> str:
    shopper = browse(app, f"{tenant.slug}.shops.test")
    return shopper.get(f"/orders/{order_token(order.id, tenant.id)}").text


def left(tenant: Tenant, order: Order) -> int:
    return stock_left(tenant, order.lines[0].product_id)


def give_time(tenant: Tenant, order: Order) -> None:
    """The order is for a day far enough away that it can still be paid tomorrow."""
    with acting_for(tenant.id), transaction():
        lock_order(order.id).pickup_on = clock.now().date() + timedelta(days=5)


def another_day(tenant: Tenant) -> tuple[Any, date]:
    with acting_for(tenant.id):
        place = list_open_places()[0]
        return place.point.id, place.days[-1].date


def test_a_debit_under_way_is_not_failed_when_the_time_to_pay_is_over(
    app: Flask, greenfield: Tenant, debit: Order, outbox: list[Any]
) -> None:
    held = read_order(greenfield, debit.id)
    assert held.held_until is not None
    assert "Order 1001: we wait for your payment" in to_mia(outbox)[-1]

    with time_machine.travel(clock.now() + timedelta(minutes=36), tick=True):
        if clock.now() < held.held_until:
            run_due_jobs(app)
            now = read_order(greenfield, debit.id)
            assert now.state is OrderState.AWAITING_PAYMENT
            assert left(greenfield, debit) == 1000
            page = page_of(app, greenfield, debit)
            assert "Your payment of €6.40 is under way" in page
            assert "now</button>" not in page


def test_slow_money_does_not_hold_the_stock_for_ever(
    app: Flask, greenfield: Tenant, debit: Order
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
        run_due_jobs(app)

        assert read_order(greenfield, debit.id).state is OrderState.AWAITING_PAYMENT
        assert left(greenfield, debit) == 3000
        run_due_jobs(app)
        assert left(greenfield, debit) == 3000


def test_money_that_comes_after_the_day_asks_the_shop_and_packs_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, debit: Order, outbox: list[Any]
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=12), tick=True):
        run_due_jobs(app)
        outbox.clear()
        arrive(app, greenfield, sandbox, debit)

        now = read_order(greenfield, debit.id)
        assert (now.state, now.paid_state) == (OrderState.TO_DECIDE, PaidState.PAID)
        assert left(greenfield, debit) == 3000
        (told,) = to_mia(outbox)
        assert "too late for" in told
        assert "start packing" not in told
        (asked,) = [mail for mail in outbox if mail.to == ["ana@example.org"]]
        assert "Offer another day, or pay the money back" in asked.body


def test_the_shop_moves_it_to_another_day_and_the_shopper_may_refuse(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, debit: Order, outbox: list[Any]
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=12), tick=True):
        arrive(app, greenfield, sandbox, debit)
        point_id, day = another_day(greenfield)
        with acting_for(greenfield.id):
            move_order(order_id=debit.id, point_id=point_id, day=day)
        outbox.clear()
        run_due_jobs(app)

        moved = read_order(greenfield, debit.id)
        assert (moved.state, moved.pickup_on) == (OrderState.TO_PREPARE, day)
        assert left(greenfield, debit) == 1000
        assert "Your order has another day" in to_mia(outbox)[0]
        assert "It does not suit me, pay it back" in page_of(app, greenfield, debit)

        with acting_for(greenfield.id):
            refuse_day(order_id=debit.id)
            with pytest.raises(NotPossibleNow):
                refuse_day(order_id=debit.id)
        run_due_jobs(app)
        over = read_order(greenfield, debit.id)
        assert (over.state, over.cancel_cause) == (OrderState.CANCELLED, CancelCause.DAY_REFUSED)
        assert over.paid_state is PaidState.REFUNDED
        assert left(greenfield, debit) == 3000


def test_it_is_not_moved_to_a_day_for_which_there_is_too_little(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, debit: Order
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=12), tick=True):
        arrive(app, greenfield, sandbox, debit)
        point_id, day = another_day(greenfield)
        with acting_for(greenfield.id):
            carrots = debit.lines[0].product_id
            hold_stock(reference=new_id(), quantities={carrots: 2000})
            with pytest.raises(NotEnoughLeftForDay):
                move_order(order_id=debit.id, point_id=point_id, day=day)

        assert read_order(greenfield, debit.id).state is OrderState.TO_DECIDE
        assert left(greenfield, debit) == 1000


def test_only_an_order_that_waits_for_the_decision_is_moved(
    app: Flask, greenfield: Tenant, debit: Order
) -> None:
    point_id, day = another_day(greenfield)
    with acting_for(greenfield.id), pytest.raises(DomainError):
        move_order(order_id=debit.id, point_id=point_id, day=day)

    assert read_order(greenfield, debit.id).state is OrderState.AWAITING_PAYMENT


def test_a_debit_that_bounces_lets_the_shopper_pay_in_another_way(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    make_connection(greenfield, sandbox)
    carrots = make_product(greenfield, price=320, stock="3")
    order = make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)
    give_time(greenfield, order)
    go_and_pay(greenfield, sandbox, order, card=cards.DELAYED_FAILURE)
    run_due_jobs(app)
    outbox.clear()

    arrive(app, greenfield, sandbox, order)

    now = read_order(greenfield, order.id)
    assert now.state is OrderState.AWAITING_PAYMENT
    (told,) = to_mia(outbox)
    assert "your payment did not go through" in told
    assert "not paid in time" not in told
    assert left(greenfield, order) == 1000

    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    now = read_order(greenfield, order.id)
    assert (now.state, now.paid_state) == (OrderState.TO_PREPARE, PaidState.PAID)
    with acting_for(greenfield.id):
        assert refunds_of(order.id) == []


def test_who_does_not_pay_after_a_bounce_is_told_why_the_order_ended(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    give_time(greenfield, order)
    go_and_pay(greenfield, sandbox, order, card=cards.DELAYED_FAILURE)
    arrive(app, greenfield, sandbox, order)
    outbox.clear()

    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        run_due_jobs(app)

    over = read_order(greenfield, order.id)
    assert (over.state, over.cancel_cause) == (OrderState.CANCELLED, CancelCause.PAYMENT_FAILED)
    (told,) = to_mia(outbox)
    assert "Your bank did not let the payment through" in told
    assert "not paid in time" not in told


def test_a_card_paid_in_time_is_packed_although_the_news_is_late(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    give_time(greenfield, order)
    with acting_for(greenfield.id):
        url = open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
    sandbox.pay(url.rsplit("/", 1)[1])

    with time_machine.travel(clock.now() + timedelta(minutes=36), tick=True):
        run_due_jobs(app)

    assert read_order(greenfield, order.id).state is OrderState.TO_PREPARE
