"""The counter: a code leads to its order and to the one thing to do next."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.sandbox import Sandbox
from kernel import clock
from kernel.db import new_id
from kernel.scope import acting_for
from storefront.fulfilment.services import mark_collected, take_payment
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.rules import readable_code
from storefront.orders.services import cancel_order
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.orders import make_order, read_order

COUNTER = "/greenfield/hand-over"


def actions(text: str, order: Order) -> list[str]:
    """The nouns that the page can post to."""
    return [
        noun
        for noun in ("payment", "collection", "readiness", "refunds", "cancellation")
        if f'action="/greenfield/orders/{order.number}/{noun}"' in text
    ]


@pytest.fixture
def order(greenfield: Tenant) -> Order:
    """A kilogram of carrots at 3.50, to be paid at pick-up."""
    return make_order(greenfield)


def test_the_counter_asks_for_a_code_only(greenfield: Tenant, order: Order, ben: Browser) -> None:
    page = ben.get(COUNTER)

    assert page.status_code == 200
    assert 'name="code"' in page.text
    assert "Error:" not in page.text
    assert actions(page.text, order) == []


def test_from_the_code_to_the_hand_over_in_two_presses(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    code = readable_code(order.pickup_code).lower()
    found = ben.get(f"{COUNTER}?code={code}").text
    assert "Mia Brandt" in found
    assert "1 kg" in found
    assert actions(found, order) == ["payment"]

    here = {"back": "hand-over", "code": code}
    paid = ben.post(f"/greenfield/orders/{order.number}/payment", data=here)
    assert paid.status_code == 303
    again = ben.get(paid.location).text
    assert "€3.50 taken from Mia Brandt." in again
    assert actions(again, order) == ["collection"]

    done = ben.post(f"/greenfield/orders/{order.number}/collection", data=here)
    assert done.location == COUNTER
    assert "Order 1001 is handed over to Mia Brandt." in ben.get(COUNTER).text
    now = read_order(greenfield, order.id)
    assert (now.state, now.paid_state) == (OrderState.COLLECTED, PaidState.PAID)


def test_an_order_for_another_day_or_not_packed_says_so(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    address = f"{COUNTER}?code={order.pickup_code}"
    # The first day that can be chosen is not always another one than today.
    with time_machine.travel(clock.now() - timedelta(days=3), tick=False):
        early = ben.get(address).text

    assert "This order is for another day" in early
    assert "This order is not marked as packed yet." in early


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("ZZZZZZ", 404, "No open order has this code."),
        ("---", 404, "No open order has this code."),
        ("", 422, "Enter the six letters and figures the shopper shows."),
        ("%01", 422, "Enter the six letters and figures the shopper shows."),
        ("A" * 41, 422, "A pick-up code is shorter than this."),
    ],
)
def test_a_code_that_opens_nothing_is_told_at_its_field_and_kept(
    greenfield: Tenant, order: Order, ben: Browser, code: str, status: int, words: str
) -> None:
    page = ben.get(f"{COUNTER}?code={code}")

    assert page.status_code == status
    assert words in page.text
    assert 'aria-invalid="true"' in page.text
    assert code.replace("%01", "") in page.text
    assert "Mia Brandt" not in page.text


def test_whoever_comes_twice_hears_what_happened(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())
        mark_collected(order_id=order.id, code=order.pickup_code)

    page = ben.get(f"{COUNTER}?code={order.pickup_code}")

    assert page.status_code == 200
    assert "Handed over ·" in page.text
    assert actions(page.text, order) == []


def test_a_cancelled_order_is_not_handed_over(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())
        cancel_order(order_id=order.id, reason="Hail", cancelled_by=new_id())

    page = ben.get(f"{COUNTER}?code={order.pickup_code}").text
    assert "· Hail" in page
    assert actions(page, order) == []

    answer = ben.post(
        f"/greenfield/orders/{order.number}/collection",
        data={"back": "hand-over", "code": order.pickup_code},
    )
    assert answer.status_code == 409
    assert "Order 1001 has changed meanwhile" in answer.text
    assert "Find order" in answer.text
    assert read_order(greenfield, order.id).state is OrderState.CANCELLED


def test_an_order_that_waits_for_its_online_payment_stays_here(
    greenfield: Tenant, sandbox: Sandbox, ben: Browser
) -> None:
    make_connection(greenfield, sandbox)
    online = make_order(greenfield, method=PaymentMethod.STRIPE)

    page = ben.get(f"{COUNTER}?code={online.pickup_code}").text

    assert "This order is not paid." in page
    assert actions(page, online) == []


def test_a_code_of_the_neighbours_opens_nothing_here(
    app: Flask, greenfield: Tenant, hillside: Tenant, ben: Browser, carol: Browser
) -> None:
    theirs = make_order(hillside, name="Otto Nebel")

    here = ben.get(f"{COUNTER}?code={theirs.pickup_code}")
    assert here.status_code == 404
    assert "Otto Nebel" not in here.text
    assert "Otto Nebel" in carol.get(f"/hillside/hand-over?code={theirs.pickup_code}").text


def test_the_way_back_leads_nowhere_else(greenfield: Tenant, order: Order, ben: Browser) -> None:
    answer = ben.post(
        f"/greenfield/orders/{order.number}/payment", data={"back": "https://evil.example/"}
    )

    assert answer.location == f"/greenfield/orders/{order.number}"
