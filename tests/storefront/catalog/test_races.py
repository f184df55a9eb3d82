"""Many real connections at once: the last box is sold once, and nobody waits in a ring."""

import contextvars
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask

from kernel.db import new_id
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.catalog.errors import NotEnoughStock
from storefront.catalog.services import hold_stock, release_stock, sell_stock
from tenants.accounts.models import Tenant
from tests.factories.storefront import make_product, stock_left

pytestmark = pytest.mark.race
BUYERS = 200


def at_once(
    app: Flask, tenant: Tenant, deeds: list[Callable[[], str]], threads: int = 8
) -> Counter[str]:
    """Do each deed on a connection of its own thread; counts what came out."""

    def do(deed: Callable[[], str]) -> str:
        with app.app_context(), acting_for(tenant.id):
            return deed()

    with ThreadPoolExecutor(threads) as pool:
        outcomes = [pool.submit(contextvars.Context().run, do, deed) for deed in deeds]
        return Counter(outcome.result() for outcome in outcomes)


def buy(quantities: dict[UUID, int], reference: UUID | None = None) -> Callable[[], str]:
    def deed() -> str:
        order = reference or new_id()
        try:
            hold_stock(reference=order, quantities=quantities)
        except NotEnoughStock:
            return "refused"
        sell_stock(reference=order)
        return "bought"

    return deed


def test_two_hundred_buyers_of_twenty_boxes_get_exactly_twenty(
    app: Flask, greenfield: Tenant
) -> None:
    boxes = make_product(greenfield, "Vegetable box", unit=Unit.BOX, stock="20")

    outcome = at_once(app, greenfield, [buy({boxes.id: 1000})] * BUYERS)

    assert outcome == {"bought": 20, "refused": BUYERS - 20}
    assert stock_left(greenfield, boxes.id) == 0


def test_the_same_order_sent_twice_at_once_takes_stock_once(app: Flask, greenfield: Tenant) -> None:
    boxes = make_product(greenfield, unit=Unit.BOX, stock="20")

    outcome = at_once(app, greenfield, [buy({boxes.id: 3000}, new_id())] * 8)

    assert outcome == {"bought": 8}
    assert stock_left(greenfield, boxes.id) == 17_000


def test_baskets_in_any_order_never_wait_for_each_other_in_a_ring(
    app: Flask, greenfield: Tenant
) -> None:
    goods = [make_product(greenfield, f"Good {n}", unit=Unit.BOX, stock="40").id for n in range(3)]
    orders = [new_id() for _ in range(60)]

    def buy_and_maybe_undo(order: UUID) -> Callable[[], str]:
        chosen = random.sample(goods, 3)

        def deed() -> str:
            hold_stock(reference=order, quantities=dict.fromkeys(chosen, 1000))
            if order.int % 3:
                release_stock(reference=order)
                return "undone"
            return "held"

        return deed

    kept = [order for order in orders if order.int % 3 == 0][:40]
    undone = [order for order in orders if order.int % 3]
    outcome = at_once(app, greenfield, [buy_and_maybe_undo(order) for order in kept + undone])

    assert outcome["undone"] == len(undone)
    assert {stock_left(greenfield, good) for good in goods} == {(40 - len(kept)) * 1000}
