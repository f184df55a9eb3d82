"""A shop's currency and its first order: whichever comes first, the other one knows."""

import threading
import time
from importlib import import_module
from typing import Any

import psycopg
import pytest
from flask import Flask

from kernel.errors import Conflict
from storefront.fulfilment.queries import has_orders
from tenants.accounts.models import Tenant
from tenants.accounts.services import ShopPlace, change_place
from tests.factories.orders import as_shown, make_cart, make_checkout
from tests.factories.storefront import make_product
from tests.storefront.orders.test_races import at_once, order

pytestmark = pytest.mark.race
PLACING = import_module("storefront.orders.services.place_order")
FRANCS = ShopPlace(currency="CHF", time_zone="Europe/Berlin", languages=["en"])


def test_the_currency_does_not_change_while_the_first_order_is_placed(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    checkout = as_shown(greenfield, visitor, make_checkout(greenfield))
    locked, ordering = threading.Event(), threading.Event()

    def orders_are_counted() -> bool:
        locked.set()
        assert ordering.wait(120)
        return has_orders()

    def change() -> str:
        change_place(FRANCS, has_orders=orders_are_counted)
        return "changed"

    def buy() -> str:
        assert locked.wait(120)
        threading.Timer(0.3, ordering.set).start()
        return order(visitor, checkout)()

    outcome = at_once(app, greenfield, [change, buy])

    assert outcome == {"changed": 1, "cart_has_changed": 1}
    assert admin.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_an_order_being_placed_keeps_the_currency(
    app: Flask, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    checkout = as_shown(greenfield, visitor, make_checkout(greenfield))
    placed = threading.Event()
    write_event = PLACING.write_event

    def write_slowly(*facts: Any, **more: Any) -> None:
        write_event(*facts, **more)
        placed.set()
        time.sleep(0.3)

    monkeypatch.setattr(PLACING, "write_event", write_slowly)

    def change() -> str:
        assert placed.wait(120)
        try:
            change_place(FRANCS, has_orders=has_orders)
        except Conflict as refusal:
            return refusal.code
        return "changed"

    outcome = at_once(app, greenfield, [order(visitor, checkout), change])

    assert outcome == {"1001": 1, "currency_is_fixed": 1}
