"""Many shoppers at once, each on a connection of their own."""

import contextvars
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from kernel.db import new_id
from kernel.errors import Conflict, DomainError
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.orders.rules import Checkout
from storefront.orders.services import cancel_order, place_order
from tenants.accounts.models import Tenant
from tests.factories.orders import as_shown, make_cart, make_checkout
from tests.factories.storefront import make_product, stock_left

pytestmark = pytest.mark.race
BUYERS = 200
BOXES = 20


def at_once(app: Flask, tenant: Tenant, deeds: list[Callable[[], str]]) -> Counter[str]:
    def do(deed: Callable[[], str]) -> str:
        with app.app_context(), acting_for(tenant.id):
            return deed()

    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(contextvars.Context().run, do, deed) for deed in deeds]
        return Counter(outcome.result() for outcome in outcomes)


def order(visitor: UUID, checkout: Checkout) -> Callable[[], str]:
    def deed() -> str:
        try:
            return str(place_order(shopper_session_id=visitor, checkout=checkout).number)
        except Conflict as refusal:
            return refusal.code

    return deed


def test_two_hundred_buyers_of_twenty_boxes_make_exactly_twenty_orders(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    box = make_product(greenfield, "Vegetable box", unit=Unit.BOX, stock=str(BOXES))
    visitors = [make_cart(greenfield, {box: "1"}) for _ in range(BUYERS)]
    checkouts = [as_shown(greenfield, who, make_checkout(greenfield)) for who in visitors]

    outcome = at_once(
        app, greenfield, [order(*pair) for pair in zip(visitors, checkouts, strict=True)]
    )

    # Each has a number of its own; those who came too late may have left gaps.
    assert len([code for code in outcome if code.isdigit()]) == BOXES
    assert outcome["not_enough_left"] + outcome["cart_has_changed"] == BUYERS - BOXES
    assert stock_left(greenfield, box.id) == 0
    held = admin.execute(
        "SELECT count(*), sum(quantity_milli) FROM stock_holds WHERE state = 'held'"
    ).fetchone()
    assert held == (BOXES, BOXES * 1000)
    kept = admin.execute("SELECT count(*) FROM checkout_keys").fetchone()
    assert kept == (BOXES,)


def test_one_form_sent_eight_times_at_once_is_one_order(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    box = make_product(greenfield, unit=Unit.BOX, stock="20")
    visitor = make_cart(greenfield, {box: "3"})
    checkout = as_shown(greenfield, visitor, make_checkout(greenfield))

    outcome = at_once(app, greenfield, [order(visitor, checkout)] * 8)

    assert outcome == {"1001": 8}
    assert stock_left(greenfield, box.id) == 17_000
    assert admin.execute("SELECT count(*) FROM orders").fetchone() == (1,)


def test_one_cart_checked_out_in_two_windows_is_one_order(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    box = make_product(greenfield, unit=Unit.BOX, stock="20")
    visitor = make_cart(greenfield, {box: "3"})

    forms = [as_shown(greenfield, visitor, make_checkout(greenfield)) for _ in range(6)]

    def window() -> str:
        try:
            return str(place_order(shopper_session_id=visitor, checkout=forms.pop()).number)
        except DomainError as refusal:
            return type(refusal).__name__

    outcome = at_once(app, greenfield, [window] * 6)

    assert outcome.pop("CartIsEmpty") == 5
    assert list(outcome.values()) == [1], "one order; its number may follow a gap"
    assert admin.execute("SELECT count(*) FROM orders").fetchone() == (1,)


def test_placing_and_cancelling_never_wait_for_each_other_in_a_ring(
    app: Flask, greenfield: Tenant
) -> None:
    goods = [make_product(greenfield, f"Good {n}", unit=Unit.BOX, stock="60") for n in range(3)]
    make_checkout(greenfield)
    pairs = [
        (make_cart(greenfield, dict.fromkeys(goods if n % 2 else goods[::-1], "1")), n)
        for n in range(40)
    ]

    def buy(visitor: UUID, n: int) -> Callable[[], str]:
        def deed() -> str:
            placed = place_order(
                shopper_session_id=visitor,
                checkout=as_shown(greenfield, visitor, make_checkout(greenfield)),
            )
            if n % 4 == 0:
                return "kept"
            cancel_order(order_id=placed.id, reason="Race", cancelled_by=new_id())
            return "cancelled"

        return deed

    outcome = at_once(app, greenfield, [buy(*pair) for pair in pairs])

    assert outcome == {"kept": 10, "cancelled": 30}
    assert {stock_left(greenfield, good.id) for good in goods} == {50_000}
