"""What news about money does to orders; every piece of it may come twice, late or reversed."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.models import PaymentState
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.refunds.jobs import send_refund
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox, cards
from kernel import clock
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from storefront.catalog.services import hold_stock
from storefront.orders.errors import NotPossibleNow, ReasonNeeded, TooMuchToRefund
from storefront.orders.jobs import on_payment_died, on_payment_succeeded, on_refund_moved
from storefront.orders.models import CancelCause, Order, OrderEventKind, OrderState, PaidState
from storefront.orders.services import cancel_order, open_payment_page, refund_order
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.factories.storefront import make_product, stock_left
from tests.jobs import run_due_jobs, run_due_jobs_of

LATER = timedelta(minutes=36)


@pytest.fixture
def waiting(greenfield: Tenant, sandbox: Sandbox) -> Order:
    """Two of three kilograms of carrots at 3.20, to be paid online."""
    make_connection(greenfield, sandbox)
    carrots = make_product(greenfield, price=320, stock="3")
    return make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)


def state_of(tenant: Tenant, order: Order) -> tuple[OrderState, PaidState]:
    now = read_order(tenant, order.id)
    return now.state, now.paid_state


def kinds(tenant: Tenant, order: Order) -> list[OrderEventKind]:
    return [event.kind for event in read_order(tenant, order.id).events]


def left(tenant: Tenant, order: Order) -> int:
    return stock_left(tenant, order.lines[0].product_id)


def test_money_that_arrives_sends_the_order_to_be_packed(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    go_and_pay(greenfield, sandbox, waiting)
    assert state_of(greenfield, waiting) == (OrderState.AWAITING_PAYMENT, PaidState.UNPAID)

    run_due_jobs(app)

    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PAID)
    assert kinds(greenfield, waiting) == [OrderEventKind.PLACED, OrderEventKind.PAID]
    assert left(greenfield, waiting) == 1000


def test_news_of_the_same_money_counts_once(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    payment = go_and_pay(greenfield, sandbox, waiting)
    run_due_jobs(app)

    with acting_for(greenfield.id):
        for _ in range(2):
            on_payment_succeeded(payment_id=payment.id, payable_id=waiting.id)
            on_payment_died(payable_id=waiting.id)

    assert kinds(greenfield, waiting).count(OrderEventKind.PAID) == 1
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PAID)


def test_news_that_is_not_true_is_not_believed(
    app: Flask, greenfield: Tenant, waiting: Order
) -> None:
    with acting_for(greenfield.id):
        (payment,) = payments_of(waiting.id)
        on_payment_succeeded(payment_id=payment.id, payable_id=waiting.id)
        on_payment_succeeded(payment_id=new_id(), payable_id=waiting.id)
        on_payment_died(payable_id=waiting.id)

    assert state_of(greenfield, waiting) == (OrderState.AWAITING_PAYMENT, PaidState.UNPAID)


def test_an_order_not_paid_in_time_gives_its_stock_back(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    with acting_for(greenfield.id):
        open_payment_page(order_id=waiting.id, success_url="http://a", cancel_url="http://b")
    run_due_jobs(app)
    assert left(greenfield, waiting) == 1000

    with time_machine.travel(clock.now() + LATER, tick=True):
        run_due_jobs(app)

    now = read_order(greenfield, waiting.id)
    assert (now.state, now.cancel_cause) == (OrderState.CANCELLED, CancelCause.UNPAID)
    assert left(greenfield, waiting) == 3000


def test_a_page_that_was_never_opened_is_given_up_as_well(
    app: Flask, greenfield: Tenant, waiting: Order
) -> None:
    with time_machine.travel(clock.now() + LATER, tick=True):
        run_due_jobs(app)

    assert state_of(greenfield, waiting)[0] is OrderState.CANCELLED
    assert left(greenfield, waiting) == 3000


def test_a_declined_card_leaves_the_order_waiting(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    go_and_pay(greenfield, sandbox, waiting, card=cards.DECLINED)
    run_due_jobs(app)
    assert state_of(greenfield, waiting)[0] is OrderState.AWAITING_PAYMENT

    go_and_pay(greenfield, sandbox, waiting)
    run_due_jobs(app)
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PAID)


def give_up(app: Flask, tenant: Tenant, order: Order) -> None:
    """As if the payment had died while its money was on the way."""
    with acting_for(tenant.id):
        with transaction():
            (payment,) = payments_of(order.id, lock=True)
            payment.state, payment.abandoned_at = PaymentState.EXPIRED, clock.now()
        on_payment_died(payable_id=order.id)
    assert state_of(tenant, order)[0] is OrderState.CANCELLED


def late_money(app: Flask, tenant: Tenant, sandbox: Sandbox, order: Order) -> None:
    with acting_for(tenant.id):
        url = open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
    give_up(app, tenant, order)
    sandbox.pay(url.rsplit("/", 1)[1])


def arrive(app: Flask, tenant: Tenant, order: Order) -> None:
    with acting_for(tenant.id):
        refresh_payment(payment_id=payments_of(order.id)[0].id)
    run_due_jobs(app)


def test_late_money_takes_the_order_up_again_while_everything_is_there(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    late_money(app, greenfield, sandbox, waiting)

    arrive(app, greenfield, waiting)

    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PAID)
    assert left(greenfield, waiting) == 1000
    with acting_for(greenfield.id):
        assert refunds_of(waiting.id) == []


def test_late_money_goes_back_when_the_stock_is_gone(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    late_money(app, greenfield, sandbox, waiting)
    carrots = read_order(greenfield, waiting.id).lines[0].product_id
    with acting_for(greenfield.id):
        hold_stock(reference=new_id(), quantities={carrots: 2000})

    arrive(app, greenfield, waiting)

    assert state_of(greenfield, waiting) == (OrderState.CANCELLED, PaidState.REFUNDED)
    assert OrderEventKind.PAID_TOO_LATE in kinds(greenfield, waiting)
    assert left(greenfield, waiting) == 1000
    totals = next(iter(sandbox.record()["totals"].values()))["eur"]
    assert totals["refunded"] == totals["captured"] == 640


def test_money_for_an_order_the_shop_cancelled_goes_back(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    with acting_for(greenfield.id):
        url = open_payment_page(order_id=waiting.id, success_url="http://a", cancel_url="http://b")
    sandbox.pay(url.rsplit("/", 1)[1])
    with acting_for(greenfield.id):
        cancel_order(order_id=waiting.id, reason="Field flooded", cancelled_by=new_id())

    run_due_jobs(app)

    assert state_of(greenfield, waiting) == (OrderState.CANCELLED, PaidState.REFUNDED)
    assert left(greenfield, waiting) == 3000


def test_cancelling_a_paid_order_pays_back_and_returns_the_stock(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    go_and_pay(greenfield, sandbox, waiting)
    run_due_jobs(app)

    with acting_for(greenfield.id):
        cancel_order(order_id=waiting.id, reason="Field flooded", cancelled_by=new_id())
        with pytest.raises(NotPossibleNow):
            cancel_order(order_id=waiting.id, reason="Again", cancelled_by=new_id())
    run_due_jobs(app)

    assert state_of(greenfield, waiting) == (OrderState.CANCELLED, PaidState.REFUNDED)
    assert left(greenfield, waiting) == 3000
    assert read_order(greenfield, waiting.id).cancel_reason == "Field flooded"


def test_cancelling_needs_a_reason(greenfield: Tenant, waiting: Order) -> None:
    with acting_for(greenfield.id), pytest.raises(ReasonNeeded):
        cancel_order(order_id=waiting.id, reason="  ", cancelled_by=new_id())

    assert state_of(greenfield, waiting)[0] is OrderState.AWAITING_PAYMENT


def test_refunds_never_exceed_what_was_paid(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    go_and_pay(greenfield, sandbox, waiting)
    run_due_jobs(app)
    mine = new_id()

    with acting_for(greenfield.id):
        refund_order(order_id=waiting.id, amount=Money(140, "EUR"), reason="Soft", refunded_by=mine)
        with pytest.raises(TooMuchToRefund):
            refund_order(
                order_id=waiting.id, amount=Money(501, "EUR"), reason="More", refunded_by=mine
            )
    run_due_jobs(app)
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PART_REFUNDED)

    with acting_for(greenfield.id):
        refund_order(order_id=waiting.id, amount=None, reason="All of it", refunded_by=mine)
    run_due_jobs(app)
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.REFUNDED)
    totals = next(iter(sandbox.record()["totals"].values()))["eur"]
    assert totals["refunded"] == 640


def test_news_of_the_same_refund_is_told_once(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    go_and_pay(greenfield, sandbox, waiting)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        refund_order(order_id=waiting.id, amount=None, reason="Sorry", refunded_by=new_id())
    run_due_jobs(app)

    with acting_for(greenfield.id):
        (refund,) = refunds_of(waiting.id)
        on_refund_moved(refund_id=refund.id, payable_id=waiting.id)

    assert kinds(greenfield, waiting).count(OrderEventKind.REFUNDED) == 1


def test_money_is_not_back_before_it_has_come_whatever_order_the_news_is_in(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, waiting: Order
) -> None:
    payment = go_and_pay(greenfield, sandbox, waiting)  # nobody has told the order yet
    with acting_for(greenfield.id):
        refund_order(
            order_id=waiting.id, amount=Money(140, "EUR"), reason="!", refunded_by=new_id()
        )
        (refund,) = refunds_of(waiting.id)
    assert state_of(greenfield, waiting) == (OrderState.AWAITING_PAYMENT, PaidState.UNPAID)
    assert run_due_jobs_of(app, greenfield, send_refund) == 1

    with acting_for(greenfield.id):
        on_refund_moved(refund_id=refund.id, payable_id=waiting.id)
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PART_REFUNDED)

    with acting_for(greenfield.id):
        on_payment_succeeded(payment_id=payment.id, payable_id=waiting.id)
    run_due_jobs(app)
    assert state_of(greenfield, waiting) == (OrderState.TO_PREPARE, PaidState.PART_REFUNDED)
    assert kinds(greenfield, waiting).count(OrderEventKind.PAID) == 1
    assert kinds(greenfield, waiting).count(OrderEventKind.REFUNDED) == 1


def test_a_payment_for_something_else_is_left_alone(app: Flask, greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        on_payment_succeeded(payment_id=new_id(), payable_id=new_id())
        on_payment_died(payable_id=new_id())
