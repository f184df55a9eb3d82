"""The database itself holds money still, against the application's own role."""

import uuid
from collections.abc import Callable
from enum import StrEnum
from itertools import permutations
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege

from billing.connections.models import PaymentMethod
from billing.payments import rules as payment_rules
from billing.payments.models import PaymentState
from billing.plans.models import PeriodState
from billing.refunds import rules as refund_rules
from billing.refunds.models import RefundState
from billing.sandbox import Sandbox
from kernel.money import Money
from kernel.scope import acting_for
from kernel.settings import settings
from storefront.orders.models import Order, OrderState
from storefront.orders.rules import may_become
from storefront.orders.services import refund_order
from tenants.accounts.models import Tenant
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order
from tests.factories.storefront import make_product
from tests.jobs import run_due_jobs

REFUSED = (InsufficientPrivilege, CheckViolation, ForeignKeyViolation)


@pytest.fixture
def sold(app: Flask, greenfield: Tenant, sandbox: Sandbox) -> Order:
    """Paid online, metered, partly paid back: a row in every table of money."""
    make_connection(greenfield, sandbox)
    order = make_order(
        greenfield, {make_product(greenfield, price=6400): "1"}, method=PaymentMethod.STRIPE
    )
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        refund_order(
            order_id=order.id, amount=Money(100, "EUR"), reason="One less", refunded_by=uuid.uuid4()
        )
    run_due_jobs(app)
    return order


def as_the_app(tenant: Tenant, statement: str) -> int:
    """Rows touched by the application's role inside its tenant's policy; undone at once."""
    url = settings().database_url.replace("+psycopg", "", 1)
    with psycopg.connect(url) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL app.tenant_id = '{tenant.id}'")
        return connection.execute(statement).rowcount


def is_allowed(tenant: Tenant, statement: str) -> bool:
    """Whether the application's role may do it, to at least one row."""
    try:
        rows = as_the_app(tenant, statement)
    except REFUSED:
        return False
    assert rows, f"no row for {statement}"
    return True


FORBIDDEN = [
    "UPDATE payments SET amount_minor = 641",
    "UPDATE payments SET amount_minor = 1, refunded_minor = 0",
    "UPDATE payments SET currency = 'JPY'",
    "UPDATE payments SET state = 'expired'",
    "UPDATE payments SET state = 'open'",
    "UPDATE payments SET charge_ref = NULL",
    "UPDATE payments SET charge_ref = 'ch_other'",
    "UPDATE payments SET application_fee_minor = 0",
    "UPDATE payments SET fee_ppm = NULL",
    "UPDATE payments SET method = 'at_pickup'",
    "UPDATE payments SET account_ref = 'acct_other'",
    "UPDATE payments SET payable_id = gen_random_uuid()",
    "DELETE FROM payments",
    "UPDATE refunds SET amount_minor = 1",
    "UPDATE refunds SET currency = 'JPY'",
    "UPDATE refunds SET state = 'requested'",
    "UPDATE refunds SET refund_ref = NULL",
    "DELETE FROM refunds",
    "UPDATE orders SET total_minor = 1",
    "UPDATE orders SET currency = 'JPY'",
    "UPDATE orders SET number = 7",
    "UPDATE orders SET state = 'awaiting_payment', paid_state = 'unpaid'",
    "DELETE FROM orders",
    "UPDATE order_lines SET sum_minor = 1",
    "UPDATE order_lines SET ordered_milli = 1",
    "UPDATE order_lines SET name_en = 'Else'",
    "DELETE FROM order_lines",
    "UPDATE order_counters SET last_number = 1",
    "DELETE FROM order_counters",
    "UPDATE buckets SET fee_minor = 0",
    "UPDATE buckets SET net_volume_minor = 1",
    "UPDATE buckets SET currency = 'JPY'",
    "UPDATE buckets SET rating_count = 0",
    "DELETE FROM buckets",
    "UPDATE periods SET state = 'closed'",
    "UPDATE periods SET start_at = now()",
    "UPDATE periods SET end_at = now()",
    "DELETE FROM periods",
    "TRUNCATE payments",
]


def test_the_application_cannot_rewrite_money(greenfield: Tenant, sold: Order) -> None:
    allowed = [statement for statement in FORBIDDEN if is_allowed(greenfield, statement)]

    assert allowed == []
    # The same role still writes what has to be written.
    assert is_allowed(greenfield, "UPDATE payments SET refunded_minor = 200, last_error = 'x'")
    assert is_allowed(greenfield, "UPDATE orders SET state = 'ready', ready_at = now()")
    assert is_allowed(greenfield, "UPDATE periods SET state = 'closing'")
    assert is_allowed(greenfield, "UPDATE order_counters SET last_number = 5000")


def test_the_neighbours_money_is_out_of_reach_as_well(hillside: Tenant, sold: Order) -> None:
    for table in ("payments", "orders", "refunds", "buckets"):
        assert as_the_app(hillside, f"SELECT 1 FROM {table}") == 0
        assert as_the_app(hillside, f"UPDATE {table} SET currency = currency") == 0


Step = Callable[[Any, Any], bool]


@pytest.mark.parametrize(
    ("table", "states", "may"),
    [
        ("payments", PaymentState, payment_rules.moves_forward),
        ("refunds", RefundState, refund_rules.moves_forward),
        ("orders", OrderState, may_become),
        (
            "periods",
            PeriodState,
            lambda old, new: (old, new) in [("open", "closing"), ("closing", "closed")],
        ),
    ],
)
def test_the_database_and_the_rules_know_the_same_steps(
    greenfield: Tenant,
    sold: Order,
    admin: psycopg.Connection,
    table: str,
    states: type[StrEnum],
    may: Step,
) -> None:
    wrong = []
    for old, new in permutations(states, 2):
        with admin.transaction(force_rollback=True):
            admin.execute("SET LOCAL session_replication_role = replica")
            for check in _checks_but_of_states(admin, table):
                admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
            admin.execute(f"UPDATE {table} SET state = %s", [old.value])
            if table == "periods":
                admin.execute("UPDATE periods SET seal_hash = 'x'")
            admin.execute("SET LOCAL session_replication_role = origin")
            try:
                admin.execute(f"UPDATE {table} SET state = %s", [new.value])
                moved = True
            except InsufficientPrivilege:
                moved = False
            if moved != may(old, new):
                wrong.append((old.value, new.value, moved))
    assert wrong == []


def _checks_but_of_states(admin: psycopg.Connection, table: str) -> list[str]:
    rows = admin.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"
        " AND conname LIKE 'ck_orders_%%'",
        [table],
    ).fetchall()
    return [name for (name,) in rows]
