"""The queues and one order's page in the back office."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from billing.connections.models import PaymentMethod
from billing.sandbox import Sandbox
from kernel.db import db, new_id
from kernel.i18n import date_text
from kernel.money import Money
from kernel.scope import acting_for
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.models import Order
from storefront.orders.rules import readable_code
from storefront.orders.services import cancel_order, refund_order
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, soonest
from tests.factories.storefront import make_pickup_point, make_product
from tests.jobs import run_due_jobs

LIST = "/greenfield/orders"


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that is sent while this is open."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def numbers(text: str) -> list[int]:
    """The orders a list shows, in its order."""
    return [int(found) for found in re.findall(r'/greenfield/orders/(\d+)"', text)]


def counts(text: str) -> dict[str, int]:
    """What the tabs say."""
    found = re.findall(r'tab=([a-z-]+)[^>]*>[^<]*<span class="count">(\d+)<', text)
    return {tab: int(count) for tab, count in found}


def test_each_queue_shows_its_orders_and_their_count(greenfield: Tenant, ana: Browser) -> None:
    first, ready, gone = (make_order(greenfield) for _ in range(3))
    with acting_for(greenfield.id):
        mark_ready(order_id=ready.id)
        cancel_order(order_id=gone.id, reason="Hail", cancelled_by=new_id())

    page = ana.get(LIST)

    assert page.status_code == 200
    assert numbers(page.text) == [first.number]
    assert counts(page.text) == {
        "to-pay": 0, "to-prepare": 1, "ready": 1, "collected": 0, "cancelled": 1, "refunded": 0,
    }  # fmt: skip
    assert numbers(ana.get(f"{LIST}?tab=ready").text) == [ready.number]
    assert numbers(ana.get(f"{LIST}?tab=cancelled").text) == [gone.number]
