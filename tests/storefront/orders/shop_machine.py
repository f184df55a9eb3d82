"""A shop in which anything happens in any order: what shoppers, staff, Stripe and the clock do."""

import contextvars
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox, cards
from billing.sandbox.webhooks import Webhook
from kernel import clock, jobs
from kernel.db import new_id, transaction
from kernel.errors import DomainError
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import acting_for
from storefront.carts.queries import look_at_cart, what_is_shown
from storefront.carts.services import accept_changes, put_in_cart
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.jobs import on_payment_died, on_payment_succeeded, on_refund_moved
from storefront.orders.models import Order
from storefront.orders.queries import get_order, lock_order
from storefront.orders.rules import Checkout
from storefront.orders.services import (
    cancel_order,
    open_payment_page,
    place_order,
    refund_order,
)
from tenants.audit.queries import find_flaw
from tests import database
from tests.factories import make_tenant
from tests.factories.billing import make_connection
from tests.factories.orders import make_checkout
from tests.factories.storefront import make_product
from tests.hooks import deliver
from tests.jobs import due_jobs
from tests.storefront.orders.agreement import contradictions, ours, theirs

VISITORS = 3
STOCK = 6
START = 4  # orders at the beginning, all but one to be paid online
BEN = new_id()
CARDS = [
    cards.SUCCESS, cards.SUCCESS, cards.SUCCESS, cards.AUTHENTICATION, cards.DELAYED,
    cards.DECLINED, cards.DELAYED_FAILURE,
]  # fmt: skip


class Shop:
    """Each deed is something that can happen; `n` chooses to whom, and how. What is refused must
    have changed nothing."""

    def __init__(self, app: Flask, admin: psycopg.Connection, sandbox: Sandbox) -> None:
        self.app, self.admin, self.sandbox = app, admin, sandbox
        database.empty(admin)
        sandbox.reset()
        self.tenant = make_tenant("greenfield")
        self.account = make_connection(self.tenant, self.sandbox)
        self.products = [
            make_product(self.tenant, f"Good {n}", price=320 + n, stock=str(STOCK), step="1")
            for n in range(2)
        ]
        self.visitors = [new_id() for _ in range(VISITORS)]
        self.sent: list[tuple[UUID, Checkout, UUID]] = []
        self.news: list[Webhook] = []
        self.heard: list[Webhook] = []
        self.admin.execute("DROP TABLE IF EXISTS stocked")
        self.admin.execute("CREATE TEMP TABLE stocked (product_id uuid, put bigint)")
        for product in self.products:
            self.admin.execute("INSERT INTO stocked VALUES (%s, %s)", [product.id, STOCK * 1000])

        for number in range(START):
            self.check_out(number)

    def attempt(self, deed: Any, **facts: Any) -> Any:
        """Do it for the shop; a refusal is one of the answers."""
        with acting_for(self.tenant.id):
            try:
                return deed(**facts)
            except DomainError:
                return None

    def order(self, n: int) -> Order:
        with acting_for(self.tenant.id):
            return get_order(self.sent[n % len(self.sent)][2])

    # What shoppers do

    def fill_a_cart(self, n: int) -> None:
        self.attempt(
            put_in_cart,
            shopper_session_id=self.visitors[n % VISITORS],
            product_id=self.products[n % 2].id,
            quantity_milli=n // 10 % 4 * 1000,
        )

    def check_out(self, n: int) -> None:
        shopper = self.visitors[n % VISITORS]
        self.fill_a_cart(n % 10 + 10)
        seen = self.attempt(what_is_shown, shopper_session_id=shopper)
        self.attempt(accept_changes, shopper_session_id=shopper, seen=seen)
        method = PaymentMethod.STRIPE if n % 3 else PaymentMethod.AT_PICKUP
        seen = self.attempt(what_is_shown, shopper_session_id=shopper)
        checkout = replace(make_checkout(self.tenant, method=method), seen=seen)
        placed = self.attempt(place_order, shopper_session_id=shopper, checkout=checkout)
        if placed is not None:
            self.sent.append((shopper, checkout, placed.id))

    def send_the_form_again(self, n: int) -> None:
        shopper, checkout, order_id = self.sent[n % len(self.sent)]
        cart = self.attempt(look_at_cart, shopper_session_id=shopper, currency="EUR")
        again = self.attempt(place_order, shopper_session_id=shopper, checkout=checkout)
        if cart.lines:
            assert again is None  # the first order is told of, and nothing is ordered
        else:
            assert again.id == order_id

    def go_and_pay(self, n: int) -> None:
        url = self.attempt(
            open_payment_page,
            order_id=self.order(n).id,
            success_url="http://greenfield.shops.test/a",
            cancel_url="http://greenfield.shops.test/b",
        )
        if url is not None:
            self.sandbox.pay(url.rsplit("/", 1)[1], CARDS[n % len(CARDS)])
        if n % 2:
            self._hear()
            self._work_on_all(n)

    # What the shop's people do

    def mark_an_order_ready(self, n: int) -> None:
        self.attempt(mark_ready, order_id=self.order(n).id)

    def take_money(self, n: int) -> None:
        self.attempt(take_payment, order_id=self.order(n).id, taken_by=BEN)

    def hand_over(self, n: int) -> None:
        order = self.order(n)
        self.attempt(mark_collected, order_id=order.id, code=order.pickup_code)

    def cancel(self, n: int) -> None:
        self.attempt(cancel_order, order_id=self.order(n).id, reason="Hail", cancelled_by=BEN)

    def pay_back(self, n: int) -> None:
        amount = None if n % 5 == 0 else Money(n * 7 + 1, "EUR")
        self.attempt(
            refund_order, order_id=self.order(n).id, amount=amount, reason="Soft",
            refunded_by=BEN,
        )  # fmt: skip

    # What Stripe and the clock do

    def delayed_payments_end(self, _n: int) -> None:
        self.sandbox.settle()

    def stripe_speaks(self, _n: int) -> None:
        self.news += self.sandbox.take_webhooks()

    def one_webhook_arrives(self, n: int) -> None:
        if self.news:
            hook = self.news.pop(n % len(self.news))
            self.heard.append(hook)
            deliver(self.app, [hook])

    def a_webhook_arrives_again(self, n: int) -> None:
        if self.heard:
            deliver(self.app, [self.heard[n % len(self.heard)]])

    def a_webhook_is_lost(self, n: int) -> None:
        if self.news:
            self.news.pop(n % len(self.news))

    def the_time_to_pay_is_over(self, n: int) -> None:
        with acting_for(self.tenant.id), transaction():
            order = lock_order(self.order(n).id)
            if order.pay_by is not None:
                order.pay_by = clock.now()
            announce("order.payment_due", order_id=order.id)

    def old_news_is_told_again(self, n: int) -> None:
        order_id = self.order(n).id
        with acting_for(self.tenant.id):
            for payment in payments_of(order_id):
                on_payment_succeeded(payment_id=payment.id, payable_id=order_id)
                on_payment_died(payable_id=order_id)
            for refund in refunds_of(order_id):
                on_refund_moved(refund_id=refund.id, payable_id=order_id)

    def work_on_some_jobs(self, n: int) -> None:
        due = due_jobs()
        Random(n).shuffle(due)
        self._work(due[: n % 8 + 1])

    def come_to_rest(self, n: int = 0) -> None:
        """Everything Stripe still has to say is pulled, and all work is done."""
        for pulled in (False, True):
            if pulled:
                with acting_for(self.tenant.id), transaction():
                    announce("stripe.pull")
            while self._hear() + self._work_on_all(n) + self.sandbox.settle():
                pass
        assert contradictions(self.admin, at_rest=True) == {}
        assert ours(self.admin) == theirs(self.sandbox, self.account)

        with acting_for(self.tenant.id):
            assert find_flaw() is None

    def check(self) -> None:
        assert contradictions(self.admin, at_rest=False) == {}

    def _hear(self) -> int:
        told = self.news + self.sandbox.take_webhooks()
        self.news.clear()
        deliver(self.app, told)
        return len(told)

    def _work_on_all(self, n: int) -> int:
        due = due_jobs()
        Random(n).shuffle(due)
        self._work(due)
        return len(due)

    def _work(self, due: list[Any]) -> None:
        for row in due:
            contextvars.Context().run(self._run, row)

    def _run(self, row: Any) -> None:
        with self.app.app_context():
            jobs.run(tenant_id=row.tenant_id, job_id=row.id)


# How often each deed is chosen.
DEEDS = {
    Shop.go_and_pay: 6,
    Shop.one_webhook_arrives: 6,
    Shop.work_on_some_jobs: 6,
    Shop.check_out: 3,
    Shop.stripe_speaks: 3,
    Shop.the_time_to_pay_is_over: 3,
    Shop.cancel: 2,
    Shop.pay_back: 2,
    Shop.take_money: 2,
    Shop.hand_over: 2,
    Shop.mark_an_order_ready: 2,
    Shop.a_webhook_arrives_again: 2,
    Shop.old_news_is_told_again: 2,
    Shop.delayed_payments_end: 1,
    Shop.a_webhook_is_lost: 1,
    Shop.send_the_form_again: 1,
    Shop.fill_a_cart: 1,
    Shop.come_to_rest: 1,
}
