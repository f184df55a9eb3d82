"""Two shops, anything in any order: at the end Stripe's record, our payments and fees agree, and
neither shop has moved a coin of the other's."""

import random
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from billing.connections.models import PaymentMethod
from billing.metering.models import Bucket, Collection, Rating, UsageEvent, UsageKind, UsageReject
from billing.metering.rules import ladder_fee, read_ladder
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import payments_of, refundable
from billing.payments.services import abandon_payment, record_at_pickup
from billing.refunds.models import Refund, RefundState
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox, cards
from billing.sandbox.webhooks import Webhook
from kernel.db import db, new_id, transaction
from kernel.money import Money
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.database import empty
from tests.factories import make_tenant
from tests.factories.billing import make_connection, make_payment, pay
from tests.hooks import deliver
from tests.jobs import run_due_jobs
from tests.limits import SEARCHING

ACTIONS = ["online", "online", "at_pickup", "refund", "refund", "abandon", "hear", "work", "settle"]
CARDS = [cards.SUCCESS, cards.SUCCESS, cards.DECLINED, cards.DELAYED, cards.DELAYED_FAILURE]
SEED = read_ladder([(None, 25_000)])


@dataclass
class Shop:
    tenant: Tenant
    account: str
    payables: list[UUID] = field(default_factory=list)


class World:
    """The two shops, Stripe, and the news that is still under way."""

    def __init__(self, app: Flask, sandbox: Sandbox, chance: random.Random) -> None:
        self.app, self.sandbox, self.chance = app, sandbox, chance
        self.under_way: list[Webhook] = []
        self.shops = []
        for slug in ("greenfield", "hillside"):
            tenant = make_tenant(slug)
            self.shops.append(Shop(tenant, make_connection(tenant, sandbox)))

    def act(self, action: str, amount: int) -> None:
        shop = self.chance.choice(self.shops)
        if action == "online":
            payment = pay(shop.tenant, self.sandbox, amount, card=self.chance.choice(CARDS))
            shop.payables.append(payment.payable_id)
        elif action == "at_pickup":
            payment = make_payment(shop.tenant, amount, method=PaymentMethod.AT_PICKUP)
            shop.payables.append(payment.payable_id)
            with acting_for(shop.tenant.id):
                record_at_pickup(payable_id=payment.payable_id, taken_by=new_id())
        elif action == "settle":
            self.sandbox.settle()
        elif action == "hear":
            self.hear()
        elif action == "work":
            run_due_jobs(self.app)
        elif shop.payables:
            self.give_back_or_up(action, shop)

    def give_back_or_up(self, action: str, shop: Shop) -> None:
        payable_id = self.chance.choice(shop.payables)
        with acting_for(shop.tenant.id):
            if action == "abandon":
                abandon_payment(payable_id=payable_id)
                return
            left = refundable(payable_id).minor
            if left:
                part = Money(self.chance.choice([left, self.chance.randint(1, left)]), "EUR")
                request_refund(payable_id=payable_id, amount=part, reason="", requested_by=None)

    def hear(self) -> None:
        """Some of the news arrives: in any order, some twice, some never."""
        self.under_way += self.sandbox.take_webhooks()
        self.chance.shuffle(self.under_way)
        some = self.chance.randint(0, len(self.under_way))
        for webhook in self.under_way[:some]:
            fate = self.chance.random()
            if fate > 0.2:
                deliver(self.app, [webhook] * (2 if fate > 0.8 else 1))
        self.under_way = self.under_way[some:]

    def come_to_rest(self) -> None:
        self.sandbox.settle()
        run_due_jobs(self.app)
        self.sandbox.take_webhooks()  # lost on the way
        for shop in self.shops:
            with acting_for(shop.tenant.id), transaction():
                announce("stripe.pull")
        run_due_jobs(self.app)


def check(world: World) -> None:
    totals = world.sandbox.record()["totals"]
    for shop in world.shops:
        with acting_for(shop.tenant.id):
            paid = sum_of(Payment.amount_minor, Payment.state == PaymentState.SUCCEEDED,
                          Payment.method == PaymentMethod.STRIPE)  # fmt: skip
            by_hand = sum_of(Payment.amount_minor, Payment.state == PaymentState.SUCCEEDED,
                             Payment.method == PaymentMethod.AT_PICKUP)  # fmt: skip
            back = sum_of(Refund.amount_minor, Refund.state == RefundState.SUCCEEDED)
            fees = sum_of(Refund.fee_returned_minor)
            taken = sum_of(Payment.application_fee_minor, Payment.state == PaymentState.SUCCEEDED)
            collected = sum_of(Rating.collected_minor)
            sold = sum_of(UsageEvent.amount_minor, UsageEvent.kind == UsageKind.SALE)
            returned = sum_of(UsageEvent.amount_minor, UsageEvent.kind == UsageKind.REFUND)
            buckets = db.session.scalars(select(Bucket)).all()
            ratings, rejects = count_of(Rating), count_of(UsageReject)
            events = count_of(UsageEvent)
            online_back = sum(
                one.refunded_minor
                for payable_id in shop.payables
                for one in payments_of(payable_id)
                if one.method is PaymentMethod.STRIPE
            )
        at_stripe = totals.get(shop.account, {}).get("eur") or dict.fromkeys(
            ("captured", "refunded", "refunds_failed", "fees", "fees_returned"), 0
        )
        assert at_stripe["captured"] == paid
        assert at_stripe["refunded"] - at_stripe["refunds_failed"] == online_back
        assert (at_stripe["fees"], at_stripe["fees_returned"]) == (taken, fees)
        assert collected == taken - fees
        assert (sold, returned) == (paid + by_hand, back)
        assert (ratings, rejects) == (events, 0)
        for bucket in buckets:
            if bucket.collection is Collection.IN_ARREARS:
                assert bucket.fee_minor == ladder_fee(SEED, bucket.net_volume_minor)
            else:
                assert bucket.fee_minor == collected
    assert set(totals) <= {shop.account for shop in world.shops}


def sum_of(column: object, *conditions: object) -> int:
    query = select(func.sum(column)).where(*conditions)  # type: ignore[arg-type, call-overload]  # mapped columns
    return int(db.session.scalar(query) or 0)


def count_of(model: type[Rating | UsageReject | UsageEvent]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@settings(
    max_examples=SEARCHING or 6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    actions=st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(50, 30_000)), min_size=4, max_size=16
    ),
    chance=st.randoms(use_true_random=False),
)
def test_whatever_happens_the_records_agree(
    app: Flask,
    admin: psycopg.Connection,
    sandbox: Sandbox,
    actions: list[tuple[str, int]],
    chance: random.Random,
) -> None:
    empty(admin)
    sandbox.reset()
    world = World(app, sandbox, chance)
    for action, amount in actions:
        world.act(action, amount)
    world.come_to_rest()
    check(world)
    world.come_to_rest()
    check(world)
