"""What visitors leave behind is gone after a while; what they ordered is not."""

from datetime import timedelta

import psycopg
import time_machine
from flask import Flask

from kernel import clock
from kernel.db import transaction
from kernel.outbox import announce
from kernel.scope import acting_for
from storefront.shoppers.services import ask_for_code
from tenants.accounts.models import Tenant
from tests.factories.orders import check_out, make_cart, read_order
from tests.factories.storefront import make_product
from tests.jobs import run_due_jobs


def sweep(app: Flask, tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        announce("visitors.due")
    run_due_jobs(app)


def left(admin: psycopg.Connection) -> dict[str, int]:
    tables = ("carts", "cart_lines", "checkout_keys", "sign_in_codes")
    counts = {}
    for table in tables:
        row = admin.execute(f"SELECT count(*) FROM {table}").fetchone()
        counts[table] = row[0] if row else -1
    return counts


def test_old_carts_keys_and_codes_go_and_orders_stay(
    app: Flask, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    carrots = make_product(greenfield)
    order = check_out(greenfield, make_cart(greenfield, {carrots: "1"}))
    visitor = make_cart(greenfield, {carrots: "2"})
    with acting_for(greenfield.id):
        ask_for_code(shopper_session_id=visitor, email="mia@example.org", language="en")
    sweep(app, greenfield)
    full = {"carts": 2, "cart_lines": 1, "checkout_keys": 1, "sign_in_codes": 1}
    assert left(admin) == full

    with time_machine.travel(clock.now() + timedelta(days=91), tick=True):
        sweep(app, greenfield)

    assert left(admin) == dict.fromkeys(full, 0)
    assert read_order(greenfield, order.id).number == 1001


def test_the_neighbours_carts_are_not_touched(
    app: Flask, greenfield: Tenant, hillside: Tenant, admin: psycopg.Connection
) -> None:
    make_cart(hillside, {make_product(hillside): "1"})

    with time_machine.travel(clock.now() + timedelta(days=91), tick=True):
        sweep(app, greenfield)

    assert left(admin)["cart_lines"] == 1
