"""A process that hangs in the middle of an order holds up nobody else's."""

import threading
from collections import Counter
from importlib import import_module
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from tenants.accounts.models import Tenant
from tests.factories.orders import as_shown, make_cart, make_checkout, make_order
from tests.factories.storefront import make_product, stock_left
from tests.storefront.orders.test_races import at_once, order

pytestmark = pytest.mark.race
PLACING = import_module("storefront.orders.services.place_order")


class Freeze:
    """The first who comes to this step stands there until `thaw`; `frozen` says that they do."""

    def __init__(self, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.frozen, self.thaw = threading.Event(), threading.Event()
        self.real = getattr(PLACING, step)
        monkeypatch.setattr(PLACING, step, self)

    def __call__(self, *args: Any, **facts: Any) -> Any:
        done = self.real(*args, **facts)
        if not self.frozen.is_set():
            self.frozen.set()
            assert self.thaw.wait(30)
        return done


@pytest.mark.parametrize(
    "step", ["_claim_key", "lock_cart", "_keep_currency", "empty_cart", "write_event", "announce"]
)
@pytest.mark.parametrize("earlier_orders", [0, 1])
def test_a_frozen_client_holds_up_no_other_shopper(
    app: Flask,
    greenfield: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    earlier_orders: int,
) -> None:
    if step == "announce" and not earlier_orders:
        pytest.xfail("a shop's very first watch is written under the order: known, to be mended")
    carrots = make_product(greenfield, stock="10")
    for _ in range(earlier_orders):
        make_order(greenfield)
    visitors = [make_cart(greenfield, {carrots: "1"}) for _ in range(2)]
    forms = [as_shown(greenfield, who, make_checkout(greenfield)) for who in visitors]
    freeze = Freeze(step, monkeypatch)

    def other() -> str:
        assert freeze.frozen.wait(10)
        try:
            return f"other {order(visitors[1], forms[1])()}"
        finally:
            freeze.thaw.set()

    outcome = at_once(app, greenfield, [order(visitors[0], forms[0]), other])

    first = 1001 + earlier_orders
    assert outcome == Counter([str(first), f"other {first + 1}"])
    assert stock_left(greenfield, carrots.id) == 8000


def test_whoever_falls_silent_with_the_stock_in_hand_lets_go_while_others_still_wait(
    app: Flask, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch, admin: psycopg.Connection
) -> None:
    carrots = make_product(greenfield, stock="10")
    visitors = [make_cart(greenfield, {carrots: "1"}) for _ in range(2)]
    forms = [as_shown(greenfield, who, make_checkout(greenfield)) for who in visitors]
    freeze = Freeze("_set_aside", monkeypatch)

    def hanging() -> str:
        try:
            return order(visitors[0], forms[0])()
        except DBAPIError:
            return "undone"

    def other() -> str:
        assert freeze.frozen.wait(10)
        try:
            return order(visitors[1], forms[1])()
        finally:
            freeze.thaw.set()

    assert at_once(app, greenfield, [hanging, other]) == {"undone": 1, "1002": 1}
    assert stock_left(greenfield, carrots.id) == 9000
    assert admin.execute("SELECT count(*) FROM orders").fetchone() == (1,)


def test_a_long_wait_for_others_is_not_told_as_ones_own_order_being_worked_on(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    carrots = make_product(greenfield, stock="10")
    visitor = make_cart(greenfield, {carrots: "1"})
    form = as_shown(greenfield, visitor, make_checkout(greenfield))

    with admin.transaction(force_rollback=True):
        admin.execute("SELECT 1 FROM products WHERE id = %s FOR UPDATE", [carrots.id])
        refused = at_once(app, greenfield, [order(visitor, form)])

    assert refused == {"shop_is_busy": 1}
    assert _orders(admin) == 0
    assert at_once(app, greenfield, [order(visitor, form)]) == {"1002": 1}


def _orders(admin: psycopg.Connection) -> int:
    row = admin.execute("SELECT count(*) FROM orders").fetchone()
    assert row is not None
    return int(row[0])
