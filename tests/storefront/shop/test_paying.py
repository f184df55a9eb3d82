"""To Stripe's page and back; only Stripe's own word counts."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.sandbox import Sandbox, cards
from kernel import clock
from kernel.scope import acting_for
from storefront.catalog.models import Product
from storefront.orders.models import OrderState
from storefront.orders.queries import get_order_by_number
from storefront.orders.services import cancel_order
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.storefront import make_pickup_point, make_product, stock_left
from tests.jobs import run_due_jobs
from tests.storefront.shop.steps import fill_cart, filled_in, submit

ONLINE = {"method": "stripe"}


@pytest.fixture
def carrots(greenfield: Tenant, sandbox: Sandbox) -> Product:
    make_connection(greenfield, sandbox)
    make_pickup_point(greenfield)
    return make_product(greenfield, price=320, stock="10")


@pytest.fixture
def page(shopper: Browser, carrots: Product) -> str:
    """The order was placed; the address of Stripe's page for it."""
    fill_cart(shopper, carrots, "1.25")
    placed = submit(shopper, filled_in(shopper.get("/checkout"), **ONLINE))
    assert placed.status_code == 303, placed.text
    return placed.location


def hear(app: Flask, tenant: Tenant) -> None:
    """Sheaf learns from Stripe itself how the payment stands."""
    with acting_for(tenant.id):
        refresh_payment(payment_id=payments_of(get_order_by_number(1001).id)[0].id)
    run_due_jobs(app)


def way_back(sandbox: Sandbox, name: str = "success_url") -> str:
    """What the provider was given: the shopper's browser comes back here."""
    session = sandbox.world.store.list_everywhere("checkout.session")[0][1]
    path: str = session[name].partition("greenfield.shops.test")[2]
    return path


def back_path(sandbox: Sandbox, shopper: Browser) -> str:
    """Where the way back leads: the waiting page of the order."""
    return shopper.get(way_back(sandbox)).location


def test_checking_out_leads_to_stripes_page(sandbox: Sandbox, page: str) -> None:
    assert page.startswith(sandbox.url)
    session = sandbox.world.store.list_everywhere("checkout.session")[0][1]
    assert session["amount_total"] == 400
    assert session["customer_email"] == "mia@example.org"


def test_coming_back_proves_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, shopper: Browser, page: str
) -> None:
    path = back_path(sandbox, shopper)

    waiting = shopper.get(path)
    assert waiting.status_code == 200
    assert "has not confirmed your payment yet" in waiting.text
    assert re.match(r"3; url=/orders/.+/return\?look=1", waiting.headers["Refresh"])
    with acting_for(greenfield.id):
        assert get_order_by_number(1001).state is OrderState.AWAITING_PAYMENT

    sandbox.pay(page.rsplit("/", 1)[1])
    assert "has not confirmed your payment yet" in shopper.get(path).text
    hear(app, greenfield)

    done = shopper.get(path)
    assert done.status_code == 303
    assert "Thank you, Mia Brandt" in shopper.get(done.location).text


def test_the_page_stops_looking_by_itself(sandbox: Sandbox, shopper: Browser, page: str) -> None:
    tired = shopper.get(back_path(sandbox, shopper) + "?look=40")

    assert "Refresh" not in tired.headers
    assert "you get a mail" in tired.text


def test_paying_can_be_taken_up_again_on_the_same_order(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, shopper: Browser, page: str
) -> None:
    sandbox.pay(page.rsplit("/", 1)[1], cards.DECLINED)
    order_path = back_path(sandbox, shopper).removesuffix("/return")

    waiting = shopper.get(order_path)
    assert "Pay €4.00 now" in waiting.text
    again = shopper.post(f"{order_path}/payment")

    assert (again.status_code, again.location) == (303, page)
    sandbox.pay(page.rsplit("/", 1)[1])
    hear(app, greenfield)
    assert "Pay €4.00 now" not in shopper.get(order_path).text


def test_when_the_time_is_over_nothing_can_be_paid(
    app: Flask, greenfield: Tenant, carrots: Product, sandbox: Sandbox, shopper: Browser, page: str
) -> None:
    order_path = back_path(sandbox, shopper).removesuffix("/return")

    with time_machine.travel(clock.now() + timedelta(minutes=36), tick=True):
        assert "The time to pay is over" in shopper.get(order_path).text
        refused = shopper.post(f"{order_path}/payment", follow_redirects=True)
        assert "This can no longer be paid" in refused.text
        assert "othing was charged" not in refused.text  # Stripe has not been asked yet
        run_due_jobs(app)
        cancelled = shopper.get(order_path).text

    assert "not paid in time" in cancelled
    assert "Nothing was charged" in cancelled
    assert stock_left(greenfield, carrots.id) == 10_000


def test_without_stripe_the_order_waits_and_says_so(
    greenfield: Tenant, carrots: Product, sandbox: Sandbox, shopper: Browser
) -> None:
    fill_cart(shopper, carrots, "1")
    answers = filled_in(shopper.get("/checkout"), **ONLINE)
    sandbox.switch(cut_before=99, only="POST /v1/checkout/sessions")

    placed = submit(shopper, answers)

    assert (placed.status_code, placed.location[:8]) == (303, "/orders/")
    page = shopper.get(placed.location).text
    assert "Stripe cannot be reached" in page
    assert "Pay €3.20 now" in page
    sandbox.switch(cut_before=0)
    assert shopper.post(f"{placed.location}/payment").location.startswith(sandbox.url)


def test_a_cancelled_order_says_what_becomes_of_the_money(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, shopper: Browser, page: str
) -> None:
    sandbox.pay(page.rsplit("/", 1)[1])
    hear(app, greenfield)
    order_path = back_path(sandbox, shopper).removesuffix("/return")
    with acting_for(greenfield.id):
        order = get_order_by_number(1001)
        cancel_order(order_id=order.id, reason="Field flooded", cancelled_by=order.id)

    text = shopper.get(order_path).text
    assert "The shop cancelled this order: Field flooded" in text
    assert "on its way back" in text
    run_due_jobs(app)

    text = shopper.get(order_path).text
    assert "€4.00 was paid back the way you paid" in text
    assert "on its way" not in text
    assert "Pick-up code" not in text


def test_the_provider_is_given_no_link_that_opens_the_order_later(
    sandbox: Sandbox, shopper: Browser, neighbour: Browser, page: str
) -> None:
    paid, unpaid = way_back(sandbox), way_back(sandbox, "cancel_url")
    order_path = shopper.get(unpaid).location

    assert shopper.get(order_path).status_code == 200
    token = order_path.rpartition("/")[2]
    assert token not in paid + unpaid
    assert shopper.get(f"/orders/{paid.split('/')[2]}").status_code == 404
    for path in (paid, unpaid):
        assert neighbour.get(path).status_code == 404
        with time_machine.travel(clock.now() + timedelta(days=1, minutes=36)):
            assert shopper.get(path).status_code == 404


def test_a_page_asked_for_again_is_asked_for_in_the_same_words(
    sandbox: Sandbox, shopper: Browser, page: str
) -> None:
    first = way_back(sandbox)
    order_path = back_path(sandbox, shopper).removesuffix("/return")
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=True):
        assert shopper.post(f"{order_path}/payment").location == page
    assert way_back(sandbox) == first
    assert len(sandbox.world.store.list_everywhere("checkout.session")) == 1
