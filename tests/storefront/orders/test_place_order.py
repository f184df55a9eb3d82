"""A cart becomes an order: everything or nothing, and once."""

import contextvars
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.errors import AmountTooLarge, AmountTooSmall, MethodNotOffered
from billing.payments.queries import payments_of
from billing.sandbox import Sandbox
from kernel.db import transaction
from kernel.errors import DomainError
from kernel.money import Money
from kernel.scope import acting_for
from storefront.carts.errors import CartHasChanged
from storefront.carts.queries import look_at_cart
from storefront.carts.services import put_in_cart
from storefront.catalog.queries import get_own_product
from storefront.orders.errors import (
    CartIsEmpty,
    CheckoutWasUsed,
    NotEnoughLeft,
    PickupDayIsOver,
)
from storefront.orders.models import OrderEventKind, OrderState, PaidState, PriceOrigin
from storefront.orders.queries import get_order
from storefront.orders.rules import CODE_LENGTH
from storefront.orders.services import place_order
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection
from tests.factories.orders import (
    as_shown,
    check_out,
    make_cart,
    make_checkout,
    make_order,
    read_order,
)
from tests.factories.storefront import make_product, stock_left
from tests.jobs import run_due_jobs


def count_orders(admin: psycopg.Connection) -> int:
    found = admin.execute("SELECT count(*) FROM orders").fetchone()
    assert found is not None
    return int(found[0])


def test_an_order_fixes_prices_and_sets_stock_aside(greenfield: Tenant) -> None:
    carrots = make_product(greenfield, price=320, stock="10")
    visitor = make_cart(greenfield, {carrots: "1.25"})

    order = read_order(greenfield, check_out(greenfield, visitor).id)

    (line,) = order.lines
    assert (order.number, order.total) == (1001, Money(400, "EUR"))
    assert (line.ordered_milli, line.priced_milli, line.unit_price_minor) == (1250, 1250, 320)
    assert (line.sum_minor, line.price_origin) == (400, PriceOrigin.LIST)
    assert stock_left(greenfield, carrots.id) == 8750
    with acting_for(greenfield.id):
        assert look_at_cart(visitor, "EUR").lines == []
        (payment,) = payments_of(order.id)
    assert payment.amount == order.total


def test_a_later_price_changes_nothing_about_the_order(greenfield: Tenant) -> None:
    carrots = make_product(greenfield, price=320)
    order = make_order(greenfield, {carrots: "1"})

    with acting_for(greenfield.id), transaction():
        mine = get_own_product(carrots.id, lock=True)
        mine.price_minor, mine.name_en = 999, "Gold"

    line = read_order(greenfield, order.id).lines[0]
    assert (line.unit_price_minor, line.sum_minor, line.name_en) == (320, 320, "Carrots")


def test_paying_at_pick_up_needs_no_waiting(greenfield: Tenant) -> None:
    order = make_order(greenfield)

    assert (order.state, order.paid_state) == (OrderState.TO_PREPARE, PaidState.UNPAID)
    assert order.pay_by is None
    assert len(order.pickup_code) == CODE_LENGTH


def test_paying_online_waits_for_the_money(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)

    order = make_order(greenfield, method=PaymentMethod.STRIPE)

    assert order.state is OrderState.AWAITING_PAYMENT
    assert order.pay_by is not None
    assert (order.pay_by - order.placed_at).total_seconds() == 35 * 60


def test_numbers_are_each_shops_own(greenfield: Tenant, hillside: Tenant) -> None:
    numbers = [make_order(shop).number for shop in (greenfield, hillside, greenfield)]

    assert numbers == [1001, 1001, 1002]


def test_the_same_form_sent_twice_is_one_order(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    carrots = make_product(greenfield, stock="10")
    visitor = make_cart(greenfield, {carrots: "1"})
    checkout = as_shown(greenfield, visitor, make_checkout(greenfield))

    first = check_out(greenfield, visitor, checkout)
    again = check_out(greenfield, visitor, checkout)

    assert first.id == again.id
    assert count_orders(admin) == 1
    assert stock_left(greenfield, carrots.id) == 9000


def test_a_used_form_with_other_answers_is_refused(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    checkout = make_checkout(greenfield)
    check_out(greenfield, make_cart(greenfield, {make_product(greenfield): "1"}), checkout)
    visitor = make_cart(greenfield, {make_product(greenfield, "Leeks"): "1"})

    with pytest.raises(CheckoutWasUsed):
        check_out(greenfield, visitor, replace(checkout, name="Someone Else"))

    assert count_orders(admin) == 1


def test_a_key_of_the_neighbours_is_no_key_here(
    greenfield: Tenant, hillside: Tenant, admin: psycopg.Connection
) -> None:
    key = make_checkout(greenfield).key
    for shop in (greenfield, hillside):
        check_out(shop, make_cart(shop, {make_product(shop): "1"}), make_checkout(shop, key=key))

    assert count_orders(admin) == 2


def test_an_empty_cart_is_no_order(greenfield: Tenant) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    check_out(greenfield, visitor)

    with pytest.raises(CartIsEmpty):
        check_out(greenfield, visitor, make_checkout(greenfield))


def test_a_cart_that_changed_is_looked_at_again_first(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    carrots = make_product(greenfield, price=320)
    visitor = make_cart(greenfield, {carrots: "1"})
    shown = as_shown(greenfield, visitor, make_checkout(greenfield))
    with acting_for(greenfield.id), transaction():
        get_own_product(carrots.id, lock=True).price_minor = 400

    with pytest.raises(CartHasChanged):
        check_out(greenfield, visitor, shown)
    with pytest.raises(CartHasChanged), acting_for(greenfield.id):
        place_order(shopper_session_id=visitor, checkout=make_checkout(greenfield))

    assert count_orders(admin) == 0


def test_what_someone_else_took_meanwhile_is_said_by_name(
    app: Flask,
    greenfield: Tenant,
    admin: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    carrots = make_product(greenfield, stock="10")
    leeks = make_product(greenfield, "Leeks", "韭葱", stock="10")
    visitor = make_cart(greenfield, {carrots: "2", leeks: "5"})
    others = make_cart(greenfield, {leeks: "6"})

    # The other order commits after this cart was read and before its stock is set aside.
    place = import_module("storefront.orders.services.place_order")
    real = place.lines_from

    def lines_from(cart: Any) -> Any:
        monkeypatch.setattr(place, "lines_from", real)
        _in_another_session(app, greenfield, others)
        return real(cart)

    monkeypatch.setattr(place, "lines_from", lines_from)
    with pytest.raises(NotEnoughLeft) as refused:
        check_out(greenfield, visitor)

    assert (refused.value.facts["name"], refused.value.facts["left"]) == ("Leeks", "4 kg")
    assert stock_left(greenfield, carrots.id) == 10_000
    assert count_orders(admin) == 1


def _in_another_session(app: Flask, tenant: Tenant, visitor: UUID) -> None:
    def run() -> None:
        with app.app_context():
            check_out(tenant, visitor)

    contextvars.Context().run(run)


@pytest.mark.parametrize("days", [-1, 400])
def test_a_day_that_cannot_be_chosen_is_refused(greenfield: Tenant, days: int) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    checkout = make_checkout(greenfield)

    with pytest.raises(PickupDayIsOver):
        check_out(greenfield, visitor, replace(checkout, day=checkout.day + timedelta(days=days)))


def test_a_point_of_the_neighbours_is_no_place_here(greenfield: Tenant, hillside: Tenant) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    theirs = make_checkout(hillside)

    with pytest.raises(PickupDayIsOver):
        check_out(greenfield, visitor, theirs)


@pytest.mark.parametrize(
    ("price", "connected", "refusal"),
    [
        (320, False, MethodNotOffered),
        (10, True, AmountTooSmall),
        (10_000_001, True, AmountTooLarge),
    ],
)
def test_what_cannot_be_paid_online_is_not_ordered(
    greenfield: Tenant,
    sandbox: Sandbox,
    admin: psycopg.Connection,
    price: int,
    connected: bool,
    refusal: type[DomainError],
) -> None:
    if connected:
        make_connection(greenfield, sandbox)
    carrots = make_product(greenfield, price=price, stock="10")

    with pytest.raises(refusal):
        make_order(
            greenfield,
            {carrots: "10" if refusal is AmountTooLarge else "1"},
            method=PaymentMethod.STRIPE,
        )

    assert count_orders(admin) == 0
    assert stock_left(greenfield, carrots.id) == 10_000


def test_what_is_written_down(app: Flask, greenfield: Tenant, admin: psycopg.Connection) -> None:
    order = make_order(greenfield)
    run_due_jobs(app)

    with acting_for(greenfield.id):
        assert [event.kind for event in get_order(order.id).events] == [OrderEventKind.PLACED]
    acts = admin.execute("SELECT action, subject FROM audit_entries ORDER BY number").fetchall()
    assert ("order.placed", str(order.id)) in acts


def test_more_of_a_line_than_the_cart_held_cannot_be_ordered(greenfield: Tenant) -> None:
    carrots = make_product(greenfield, stock="2")
    visitor = make_cart(greenfield, {carrots: "2"})
    other = make_cart(greenfield, {carrots: "1"})
    shown = as_shown(greenfield, visitor, make_checkout(greenfield))
    check_out(greenfield, other)

    with pytest.raises(CartHasChanged):
        check_out(greenfield, visitor, shown)

    with acting_for(greenfield.id):
        put_in_cart(shopper_session_id=visitor, product_id=carrots.id, quantity_milli=1000)
    check_out(greenfield, visitor)
    assert stock_left(greenfield, carrots.id) == 0
