"""What becomes of money and papers when a shop is suspended or closed (findings A2, C40, D5)."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.connections.queries import get_credentials
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.sandbox import Sandbox
from kernel.db import new_id
from kernel.scope import acting_for
from storefront.orders.models import CancelCause, Order, OrderState, PaidState
from storefront.orders.rules import order_token, readable_code
from storefront.orders.services import cancel_order, open_payment_page, place_order
from tenants import resolve
from tenants.accounts.errors import ShopIsResting
from tenants.accounts.models import Tenant
from tenants.accounts.services import close_tenant, resume_tenant, suspend_tenant
from tenants.people.rules import Role
from tenants.people.services.invitations import invite
from tests.browsers import Browser, at_work, browse
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_cart, make_checkout, make_order, read_order
from tests.factories.storefront import make_product
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs

Stop = Callable[..., None]
BOTH = pytest.mark.parametrize("stop", [suspend_tenant, close_tenant])
MIA = "mia@example.org"


def halt(app: Flask, tenant: Tenant, stop: Stop) -> None:
    stop(tenant_id=tenant.id, reason="Phishing")
    resolve.forget_hosts()
    run_due_jobs(app)


def paid(app: Flask, tenant: Tenant, sandbox: Sandbox) -> Order:
    make_connection(tenant, sandbox)
    order = make_order(tenant, method=PaymentMethod.STRIPE)
    go_and_pay(tenant, sandbox, order)
    run_due_jobs(app)
    return order


def papers(app: Flask, tenant: Tenant, order: Order) -> tuple[Browser, str]:
    return browse(app, f"{tenant.slug}.shops.test"), f"/orders/{order_token(order.id, tenant.id)}"


@BOTH
def test_open_pages_are_closed_and_nobody_is_told_they_did_not_pay_in_time(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any], stop: Stop
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id):
        open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
    halt(app, greenfield, stop)

    over = read_order(greenfield, order.id)
    assert (over.state, over.cancel_cause) == (OrderState.CANCELLED, CancelCause.SHOP_STOPPED)
    last = [mail for mail in outbox if mail.to == [MIA]][-1]
    assert "not paid in time" not in last.body
    assert "Nothing was charged" in last.body
    with acting_for(greenfield.id):
        (payment,) = payments_of(order.id)
        page = gateway.get_checkout_session(
            credentials=get_credentials(payment.channel, payment.account_ref),
            session_id=payment.session_ref or "",
        )
    assert page.status == "expired"


def test_money_that_reaches_a_closed_shop_goes_back_by_itself(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id):
        url = open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
    close_tenant(tenant_id=greenfield.id, reason="Gone")
    sandbox.pay(url.rsplit("/", 1)[1])
    resolve.forget_hosts()
    with acting_for(greenfield.id):
        refresh_payment(payment_id=payments_of(order.id)[0].id)
    run_due_jobs(app)

    over = read_order(greenfield, order.id)
    assert (over.state, over.paid_state) == (OrderState.CANCELLED, PaidState.REFUNDED)
    assert all("start packing" not in mail.body for mail in outbox)
    totals = next(iter(sandbox.record()["totals"].values()))["eur"]
    assert totals["refunded"] == totals["captured"] == 350


@BOTH
def test_no_payment_and_no_order_begins(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, stop: Stop
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})
    checkout = make_checkout(greenfield)
    stop(tenant_id=greenfield.id, reason="Phishing")

    with acting_for(greenfield.id):
        with pytest.raises(ShopIsResting):
            open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
        with pytest.raises(ShopIsResting):
            place_order(shopper_session_id=visitor, checkout=checkout)


@BOTH
def test_shoppers_keep_page_code_and_calendar_and_can_order_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, stop: Stop
) -> None:
    order = paid(app, greenfield, sandbox)
    halt(app, greenfield, stop)
    mia, page = papers(app, greenfield, order)

    shown = mia.get(page)
    assert shown.status_code == 200
    assert readable_code(order.pickup_code) in shown.text
    assert "Back to the shop" not in shown.text
    assert mia.get(f"{page}/pick-up.ics").status_code == 200
    assert mia.get("/sign-in").status_code == 200
    refused = 503 if stop is suspend_tenant else 410
    for path in ("/", "/cart", "/checkout"):
        assert mia.get(path).status_code == refused
    assert mia.post("/checkout").status_code == refused
    assert mia.post(f"{page}/payment").status_code == refused


def test_what_an_owner_may_still_do_in_a_closed_shop_and_others_may_not(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    order = paid(app, greenfield, sandbox)
    ana = at_work(app, make_member(greenfield, "Ana", role=Role.OWNER))
    max_ = at_work(app, make_member(greenfield, "Max", role=Role.MANAGER))
    halt(app, greenfield, close_tenant)

    assert "closed for good" in ana.get("/greenfield/").text
    assert ana.get("/greenfield/orders/1001").status_code == 200
    for path in ("products", "pickup-points", "payments", "people", "settings"):
        assert ana.get(f"/greenfield/{path}").status_code == 403, path
    assert max_.get("/greenfield/").status_code == 404
    assert "Greenfield Growers" not in max_.get("/").text

    form = {"amount": "3.50", "left": "350", "reason": "closed"}
    assert ana.post("/greenfield/orders/1001/refunds", data=form).status_code == 303
    run_due_jobs(app)
    assert read_order(greenfield, order.id).paid_state is PaidState.REFUNDED


def test_a_suspended_shops_own_words_do_not_leave(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    order = paid(app, greenfield, sandbox)
    owner = make_member(greenfield, "Ana", role=Role.OWNER)
    halt(app, greenfield, suspend_tenant)
    outbox.clear()
    lure = "You won. Claim at https://prize.example/claim"

    with acting_for(greenfield.id):
        cancel_order(order_id=order.id, reason=lure, cancelled_by=new_id())
        invite(email="eve@example.org", role=Role.PACKER, language="en", invited_by=owner.id)
    run_due_jobs(app)

    assert [mail for mail in outbox if mail.to == [MIA]]
    assert [mail for mail in outbox if mail.to == ["eve@example.org"]] == []
    for mail in outbox:
        assert "prize.example" not in mail.subject + mail.body + mail.alternatives[0][0]
    mia, page = papers(app, greenfield, order)
    assert "prize.example" not in mia.get(page).text
    assert read_order(greenfield, order.id).cancel_reason == lure


def test_a_resumed_shop_sells_again(app: Flask, greenfield: Tenant, sandbox: Sandbox) -> None:
    make_connection(greenfield, sandbox)
    halt(app, greenfield, suspend_tenant)
    halt(app, greenfield, resume_tenant)

    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    assert read_order(greenfield, order.id).state is OrderState.TO_PREPARE
