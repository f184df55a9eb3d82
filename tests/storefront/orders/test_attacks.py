"""The same order from two sides at the same moment: one serial order of the two is what is left."""

import contextvars
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.jobs import close_abandoned
from billing.payments.queries import paid_minor, payments_of
from billing.payments.services import refresh_payment
from billing.refunds.models import RefundState
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox
from kernel.db import new_id
from kernel.errors import DomainError
from kernel.money import Money
from kernel.scope import acting_for
from storefront.catalog.services import change_stock
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.jobs import on_payment_due
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.services import (
    cancel_order,
    open_payment_page,
    place_order,
    refund_order,
    settle_payment,
)
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection
from tests.factories.orders import (
    as_shown,
    go_and_pay,
    make_cart,
    make_checkout,
    make_order,
    read_order,
)
from tests.factories.storefront import make_product, stock_left
from tests.jobs import run_due_jobs

pytestmark = pytest.mark.race
TRIES = 6
ANA = new_id()


def at_once(app: Flask, tenant: Tenant, *deeds: Callable[[], object]) -> Counter[str]:
    """Each deed on a connection of its own; how many were done, and why others were not."""

    def do(deed: Callable[[], object]) -> str:
        with app.app_context(), acting_for(tenant.id):
            try:
                deed()
            except DomainError as error:
                return error.code
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        outcomes = [pool.submit(contextvars.Context().run, do, deed) for deed in deeds]
        return Counter(outcome.result() for outcome in outcomes)


def given_back(tenant: Tenant, order: Order) -> int:
    with acting_for(tenant.id):
        return sum(
            one.amount_minor for one in refunds_of(order.id) if one.state is not RefundState.FAILED
        )


def test_a_refund_asked_for_twice_goes_out_once(app: Flask, greenfield: Tenant) -> None:
    for _ in range(TRIES):
        order = make_order(greenfield)
        with acting_for(greenfield.id):
            take_payment(order_id=order.id, taken_by=ANA)

        ask = partial(
            refund_order, order_id=order.id, amount=Money(200, "EUR"), reason="Bruised",
            refunded_by=ANA, left=order.total,
        )  # fmt: skip

        assert at_once(app, greenfield, ask, ask, ask) == {"done": 1, "not_possible_now": 2}
        assert given_back(greenfield, order) == 200


def test_parts_asked_for_at_once_never_pass_the_whole(app: Flask, greenfield: Tenant) -> None:
    order = make_order(greenfield)
    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=ANA)

    def ask() -> object:
        return refund_order(
            order_id=order.id, amount=Money(100, "EUR"), reason="Bruised", refunded_by=ANA
        )

    assert at_once(app, greenfield, *[ask] * 6)["done"] == 3
    assert given_back(greenfield, order) == 300


def test_money_taken_while_the_order_is_cancelled(app: Flask, greenfield: Tenant) -> None:
    for _ in range(TRIES):
        order = make_order(greenfield)
        at_once(
            app, greenfield,
            partial(take_payment, order_id=order.id, taken_by=ANA),
            partial(cancel_order, order_id=order.id, reason="Frost", cancelled_by=ANA),
        )  # fmt: skip
        run_due_jobs(app)

        now = read_order(greenfield, order.id)
        assert now.state is OrderState.CANCELLED
        with acting_for(greenfield.id):
            assert paid_minor(order.id) == 0


def test_collected_once_or_cancelled_never_both(app: Flask, greenfield: Tenant) -> None:
    for _ in range(TRIES):
        carrots = make_product(greenfield, stock="5")
        order = make_order(greenfield, {carrots: "2"})
        with acting_for(greenfield.id):
            take_payment(order_id=order.id, taken_by=ANA)

        outcome = at_once(
            app, greenfield,
            partial(mark_collected, order_id=order.id, code=order.pickup_code),
            partial(mark_collected, order_id=order.id, code=order.pickup_code),
            partial(cancel_order, order_id=order.id, reason="Frost", cancelled_by=ANA),
            partial(mark_ready, order_id=order.id),
        )  # fmt: skip
        run_due_jobs(app)

        now = read_order(greenfield, order.id)
        collected = now.state is OrderState.COLLECTED
        assert now.state in (OrderState.COLLECTED, OrderState.CANCELLED), outcome
        assert stock_left(greenfield, carrots.id) == (3000 if collected else 5000)
        assert given_back(greenfield, order) == (0 if collected else order.total_minor)


def test_one_form_sent_eight_times_is_one_order(app: Flask, greenfield: Tenant) -> None:
    carrots = make_product(greenfield, stock="5")
    visitor = make_cart(greenfield, {carrots: "2"})
    checkout = as_shown(greenfield, visitor, make_checkout(greenfield))
    made: list[int] = []

    def send() -> None:
        made.append(place_order(shopper_session_id=visitor, checkout=checkout).number)

    assert at_once(app, greenfield, *[send] * 8) == {"done": 8}
    assert len(set(made)) == 1
    assert stock_left(greenfield, carrots.id) == 3000


def test_one_cart_in_two_forms_is_one_order(app: Flask, greenfield: Tenant) -> None:
    carrots = make_product(greenfield, stock="5")
    visitor = make_cart(greenfield, {carrots: "2"})
    forms = [as_shown(greenfield, visitor, make_checkout(greenfield)) for _ in range(4)]

    outcome = at_once(
        app, greenfield,
        *[partial(place_order, shopper_session_id=visitor, checkout=f) for f in forms],
    )  # fmt: skip

    assert outcome == {"done": 1, "cart_is_empty": 3}
    assert stock_left(greenfield, carrots.id) == 3000


def test_a_count_and_a_sale_at_once_lose_neither(app: Flask, greenfield: Tenant) -> None:
    for _ in range(TRIES):
        carrots = make_product(greenfield, stock="5")
        visitor = make_cart(greenfield, {carrots: "2"})
        form = as_shown(greenfield, visitor, make_checkout(greenfield))
        outcome = at_once(
            app, greenfield,
            partial(place_order, shopper_session_id=visitor, checkout=form),
            partial(change_stock, product_id=carrots.id, seen_milli=5000, stock_milli=8000),
        )  # fmt: skip

        counted = outcome["done"] == 2
        assert stock_left(greenfield, carrots.id) == (6000 if counted else 3000)


def test_paid_online_while_the_shop_cancels(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    for _ in range(TRIES):
        carrots = make_product(greenfield, stock="5")
        order = make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)
        payment = go_and_pay(greenfield, sandbox, order)
        at_once(
            app, greenfield,
            partial(settle_payment, payable_id=order.id, payment_id=payment.id),
            partial(cancel_order, order_id=order.id, reason="Frost", cancelled_by=ANA),
            partial(on_payment_due, order_id=order.id),
        )  # fmt: skip
        run_due_jobs(app)

        now = read_order(greenfield, order.id)
        assert (now.state, now.paid_state) == (OrderState.CANCELLED, PaidState.REFUNDED)
        assert given_back(greenfield, order) == order.total_minor
        assert stock_left(greenfield, carrots.id) == 5000


def test_the_payment_page_opens_while_the_order_is_given_up(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    for _ in range(TRIES):
        carrots = make_product(greenfield, stock="5")
        order = make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)
        with acting_for(greenfield.id):
            (payment,) = payments_of(order.id)
        urls: list[str] = []

        def open_page(order: Order = order, urls: list[str] = urls) -> None:
            urls.append(
                open_payment_page(order_id=order.id, success_url="http://a/", cancel_url="http://b")
            )

        at_once(
            app, greenfield, open_page, open_page,
            partial(cancel_order, order_id=order.id, reason="Frost", cancelled_by=ANA),
            partial(close_abandoned, payment_id=payment.id),
        )  # fmt: skip
        if urls:
            sandbox.pay(urls[0].rsplit("/", 1)[1])
            with acting_for(greenfield.id):
                refresh_payment(payment_id=payment.id)
        run_due_jobs(app)

        with acting_for(greenfield.id):
            assert paid_minor(order.id) == 0
        assert stock_left(greenfield, carrots.id) == 5000
        assert len(set(urls)) <= 1
