"""The queues and one order's page in the back office."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from billing.connections.models import PaymentMethod
from billing.sandbox import Sandbox
from kernel.db import db, new_id
from kernel.money import Money
from kernel.scope import acting_for
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.models import Order
from storefront.orders.rules import readable_code
from storefront.orders.services import cancel_order, refund_order
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.orders import check_out, go_and_pay, make_cart, make_checkout, make_order
from tests.factories.storefront import make_pickup_point, make_product
from tests.jobs import run_due_jobs

LIST = "/greenfield/orders"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent while this is open."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def cost(browser: Browser, address: str) -> int:
    """How many statements a page takes once everything is warm."""
    browser.get(address)
    with statements() as sent:
        assert browser.get(address).status_code == 200
    return len(sent)


def numbers(text: str) -> list[int]:
    """The orders a list shows, in its order."""
    return [int(found) for found in re.findall(r'/greenfield/orders/(\d+)"', text)]


def counts(text: str) -> dict[str, int]:
    """What the tabs say."""
    found = re.findall(r'tab=([a-z-]+)[^>]*>[^<]*<span class="count">(\d+)<', text)
    return {tab: int(count) for tab, count in found}


def paid_and_collected(tenant: Tenant, order: Order) -> None:
    with acting_for(tenant.id):
        take_payment(order_id=order.id, taken_by=new_id())
        mark_collected(order_id=order.id, code=order.pickup_code)


def test_each_queue_shows_its_orders_and_their_count(
    app: Flask, greenfield: Tenant, ana: Browser, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    waiting, ready, gone, done = (make_order(greenfield) for _ in range(4))
    unpaid = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id):
        mark_ready(order_id=ready.id)
        cancel_order(order_id=gone.id, reason="Hail", cancelled_by=new_id())
    paid_and_collected(greenfield, done)
    with acting_for(greenfield.id):
        refund_order(
            order_id=done.id,
            amount=Money(50, "EUR"),
            reason="Soft",
            refunded_by=new_id(),
            handed_back=True,
        )
    run_due_jobs(app)

    page = ana.get(LIST)

    assert page.status_code == 200
    assert numbers(page.text) == [waiting.number]
    assert list(counts(page.text).items()) == [
        ("to-pay", 1), ("to-prepare", 1), ("ready", 1),
        ("collected", 1), ("cancelled", 1), ("refunded", 1),
    ]  # fmt: skip
    for tab, order in [
        ("to-pay", unpaid), ("ready", ready), ("collected", done),
        ("cancelled", gone), ("refunded", done),
    ]:  # fmt: skip
        assert numbers(ana.get(f"{LIST}?tab={tab}").text) == [order.number]


def test_a_search_looks_through_all_queues(greenfield: Tenant, ana: Browser) -> None:
    mia = make_order(greenfield)
    make_order(greenfield, name="Jonas Keller", email="jonas@example.org")
    with acting_for(greenfield.id):
        mark_ready(order_id=mia.id)

    for words in (mia.number, f"%23{mia.number}", "brandt", "mia@", readable_code(mia.pickup_code)):
        assert numbers(ana.get(f"{LIST}?q={words}").text) == [mia.number]
    nothing = ana.get(f"{LIST}?q=nobody&tab=ready").text
    assert numbers(nothing) == []
    assert "No order found" in nothing
    assert 'value="nobody"' in nothing


def test_a_list_is_narrowed_to_a_day_and_a_place(greenfield: Tenant, ana: Browser) -> None:
    first = make_order(greenfield)
    hall = make_pickup_point(greenfield, "Market Hall")
    day_after = first.pickup_on + timedelta(days=2)
    later = replace(make_checkout(greenfield), point_id=hall.id, day=day_after)
    second = check_out(greenfield, make_cart(greenfield, {make_product(greenfield): "1"}), later)

    assert numbers(ana.get(LIST).text) == [first.number, second.number]
    by_place = ana.get(f"{LIST}?place={hall.id}")
    by_day = ana.get(f"{LIST}?day={first.pickup_on}")

    assert numbers(by_place.text) == [second.number]
    assert counts(by_place.text)["to-prepare"] == 1
    assert f"tab=ready&amp;place={hall.id}" in by_place.text
    assert numbers(by_day.text) == [first.number]
    assert f'<option value="{first.pickup_on}" selected>' in by_day.text


def test_a_long_queue_has_pages_that_keep_what_was_asked_for(
    greenfield: Tenant, ana: Browser
) -> None:
    carrots = make_product(greenfield)
    made = [make_order(greenfield, {carrots: "1"}) for _ in range(26)]
    day = made[0].pickup_on

    first = ana.get(f"{LIST}?day={day}")
    second = ana.get(f"{LIST}?day={day}&page=2")

    assert len(numbers(first.text)) == 24
    assert "1 to 24 of 26" in first.text
    assert f"?day={day}&amp;page=2" in first.text
    assert numbers(second.text) == [order.number for order in made[24:]]


@pytest.mark.parametrize(
    "query", ["tab=x", "page=-1", "page=9999999", "place=x", "day=2026-13-01", "page=²"]
)
def test_an_address_that_makes_no_sense_is_read_as_if_it_were_shorter(
    greenfield: Tenant, ana: Browser, query: str
) -> None:
    order = make_order(greenfield)

    page = ana.get(f"{LIST}?{query}")

    assert page.status_code == 200
    assert numbers(page.text) == [order.number]


def test_an_order_whose_day_has_passed_stands_out(greenfield: Tenant, ben: Browser) -> None:
    order = make_order(greenfield)
    assert "Day is over" not in ben.get(LIST).text

    with time_machine.travel(datetime.combine(order.pickup_on, time(23), UTC) + timedelta(hours=2)):
        assert "Day is over" in ben.get(LIST).text


def test_an_empty_shop_says_what_will_be_here(greenfield: Tenant, ana: Browser) -> None:
    assert "No orders yet" in ana.get(LIST).text

    make_order(greenfield)

    assert "Everything is packed" not in ana.get(LIST).text
    assert "Nothing waits to be collected" in ana.get(f"{LIST}?tab=ready").text


def test_the_list_takes_the_same_statements_for_many_orders(
    greenfield: Tenant, ana: Browser
) -> None:
    carrots, eggs = make_product(greenfield), make_product(greenfield, "Eggs")
    make_order(greenfield, {carrots: "1"})
    few = cost(ana, LIST)

    for _ in range(6):
        make_order(greenfield, {carrots: "1", eggs: "1"})

    assert cost(ana, LIST) == few


def test_one_order_takes_the_same_statements_however_much_happened(
    app: Flask, greenfield: Tenant, ana: Browser
) -> None:
    carrots, eggs = make_product(greenfield), make_product(greenfield, "Eggs")
    small, large = (
        make_order(greenfield, basket) for basket in ({carrots: "1"}, {carrots: "1", eggs: "2"})
    )
    for order in (small, large):
        paid_and_collected(greenfield, order)
    run_due_jobs(app)
    few = cost(ana, f"{LIST}/{small.number}")

    with acting_for(greenfield.id):
        for _ in range(3):
            refund_order(
                order_id=large.id, amount=Money(50, "EUR"), reason="Soft", refunded_by=new_id()
            )
    run_due_jobs(app)

    assert cost(ana, f"{LIST}/{large.number}") == few


def test_an_order_shows_what_was_bought_by_whom_and_for_when(
    greenfield: Tenant, ana: Browser
) -> None:
    cheese = make_product(greenfield, "Cheese", "奶酪", price=2190, step="0.1")
    visitor = make_cart(greenfield, {cheese: "0.3"})
    order = check_out(greenfield, visitor, make_checkout(greenfield, note="Bring <b>string</b>"))

    page = ana.get(f"{LIST}/{order.number}").text

    for words in (
        "Cheese", "0.3 kg", "€21.90 / kg", "€6.57", "Mia Brandt", "mia@example.org",
        "+49 151 234567", order.place_en, order.place_address, "To be paid at pick-up",
        "Order placed", "Bring &lt;b&gt;string&lt;/b&gt;",
    ):  # fmt: skip
        assert words in page
    assert "奶酪" in ana.get(f"{LIST}/{order.number}?lang=zh").text


def test_the_fee_of_each_payment_is_for_those_who_may_see_fees(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, ana: Browser, ben: Browser
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(
        greenfield, {make_product(greenfield, price=4000): "1"}, method=PaymentMethod.STRIPE
    )
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    with acting_for(greenfield.id):
        refund_order(
            order_id=order.id, amount=Money(1000, "EUR"), reason="Soft", refunded_by=new_id()
        )
    run_due_jobs(app)

    owners, packers = (who.get(f"{LIST}/{order.number}").text for who in (ana, ben))

    assert "€1.00" in owners
    assert "(2.5 %)" in owners
    assert "-€0.25" in owners
    for page in (owners, packers):
        assert "card ending in 4242" in page
        assert "-€10.00" in page
    assert "2.5 %" not in packers
    assert "-€0.25" not in packers


def test_a_packer_sees_only_what_a_packer_may_do(
    app: Flask, greenfield: Tenant, ana: Browser, ben: Browser
) -> None:
    order = make_order(greenfield)
    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())

    packers, owners = (who.get(f"{LIST}/{order.number}").text for who in (ben, ana))

    assert f"/orders/{order.number}/readiness" in packers
    for noun in ("cancellation", "refunds"):
        assert f"/orders/{order.number}/{noun}" in owners
        assert f"/orders/{order.number}/{noun}" not in packers


def test_strangers_learn_nothing_of_orders(
    greenfield: Tenant, hillside: Tenant, ana: Browser, carol: Browser
) -> None:
    order = make_order(greenfield)
    make_order(hillside)
    theirs = make_order(hillside, name="Otto Nebel", email="otto@example.org")

    for address in (LIST, f"{LIST}/{order.number}", "/greenfield/hand-over"):
        assert carol.get(address).status_code == 404
    assert theirs.number != order.number
    assert ana.get(f"{LIST}/{theirs.number}").status_code == 404
    for words in ("otto", theirs.number, theirs.pickup_code):
        page = ana.get(f"{LIST}?q={words}").text
        assert numbers(page) == []
        assert "Otto Nebel" not in page


@pytest.mark.parametrize("number", ["0", "999999999999", "9999999999999999999999", "-1", "x"])
def test_a_number_that_no_order_has_is_not_found(
    greenfield: Tenant, ana: Browser, number: str
) -> None:
    assert ana.get(f"{LIST}/{number}").status_code == 404


@pytest.mark.parametrize("noun", ["readiness", "payment", "collection", "cancellation", "refunds"])
def test_the_address_of_an_act_leads_back_to_its_order(
    greenfield: Tenant, ana: Browser, carol: Browser, noun: str
) -> None:
    order = make_order(greenfield)
    address = f"{LIST}/{order.number}/{noun}?lang=zh&number=7&slug=x"

    assert ana.get(address).location == f"{LIST}/{order.number}?lang=zh"
    assert carol.get(address).status_code == 404
    assert ana.get(f"{LIST}/7/{noun}").status_code == 404


def test_links_on_a_refused_list_lead_to_the_list(greenfield: Tenant, ana: Browser) -> None:
    answer = ana.get(f"{LIST}/readiness?tab=ready&q=mia&page=2&lang=zh&x=1")

    assert answer.location == f"{LIST}?tab=ready&q=mia&page=2&lang=zh"
