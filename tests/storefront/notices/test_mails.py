"""What the shop writes, when, to whom and in which language."""

from typing import Any

import pytest
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.sandbox import Sandbox
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.jobs import on_payment_succeeded
from storefront.orders.models import Order
from storefront.orders.rules import readable_code
from storefront.orders.services import cancel_order, refund_order
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tenants.people.rules import Role
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order
from tests.factories.storefront import make_product
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs


@pytest.fixture
def staffed(greenfield: Tenant) -> Tenant:
    """Greenfield with Ana and Ben, who reads Chinese, and an address for answers."""
    make_member(greenfield, "Ana", role=Role.OWNER)
    ben = make_member(greenfield, "Ben")
    with transaction() as session:
        session.merge(ben).language = "zh"
    with acting_for(greenfield.id), transaction():
        get_profile(lock=True).contact_email = "hello@greenfield.example"
    return greenfield


def mails_to(outbox: list[Any], address: str = "mia@example.org") -> list[Any]:
    return [mail for mail in outbox if mail.to == [address]]


def link_in(mail: Any) -> str:
    lines: list[str] = mail.body.splitlines()
    return next(line for line in lines if line.startswith("http"))


def test_the_shopper_has_the_order_in_writing(
    app: Flask, staffed: Tenant, shopper: Browser, outbox: list[Any]
) -> None:
    order = make_order(staffed, {make_product(staffed, price=320): "1.25"})
    run_due_jobs(app)

    (mail,) = mails_to(outbox)
    assert mail.subject == "Order 1001: we have it"
    assert mail.from_email == "Greenfield Growers <greenfield@shops.test>"
    assert mail.reply_to == ["hello@greenfield.example"]
    for text in (mail.body, mail.alternatives[0][0]):
        assert readable_code(order.pickup_code) in text
        assert "Carrots, 1.25 kg" in text
        assert "€4.00" in text
        assert "You pay €4.00 when you collect." in text
        assert "Farm gate" in text
    assert mail.alternatives[0][0].count('class="button"') == 1
    page = shopper.get(link_in(mail).partition("greenfield.shops.test")[2])
    assert page.status_code == 200
    assert "Order 1001" in page.text


def test_the_shops_people_hear_of_it_each_in_their_language(
    app: Flask, staffed: Tenant, outbox: list[Any]
) -> None:
    make_order(staffed)
    run_due_jobs(app)

    (ana,) = mails_to(outbox, "ana@example.org")
    (ben,) = mails_to(outbox, "ben@example.org")
    assert ana.subject.startswith("New order 1001, €3.50")
    assert ben.subject.startswith("新订单 1001")
    assert "http://app.sheaf.test/greenfield/orders/1001" in ana.body


def test_an_order_to_be_paid_online_asks_for_the_money_first(
    app: Flask, staffed: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    make_connection(staffed, sandbox)
    order = make_order(staffed, method=PaymentMethod.STRIPE)
    run_due_jobs(app)

    (asked,) = mails_to(outbox)
    assert "please pay by" in asked.subject
    assert "Pay now" in asked.body
    assert readable_code(order.pickup_code) not in asked.body
    assert mails_to(outbox, "ana@example.org") == []

    go_and_pay(staffed, sandbox, order)
    run_due_jobs(app)
    _, paid = mails_to(outbox)
    assert paid.subject == "Order 1001: paid"
    assert readable_code(order.pickup_code) in paid.body
    assert len(mails_to(outbox, "ana@example.org")) == 1


def test_money_at_the_counter_gives_a_receipt(
    app: Flask, staffed: Tenant, outbox: list[Any]
) -> None:
    order = make_order(staffed)
    with acting_for(staffed.id):
        mark_ready(order_id=order.id)
    run_due_jobs(app)
    with acting_for(staffed.id):
        take_payment(order_id=order.id, taken_by=new_id())
        mark_collected(order_id=order.id, code=order.pickup_code)
    run_due_jobs(app)

    assert [mail.subject for mail in mails_to(outbox)] == [
        "Order 1001: we have it",
        "Order 1001 is ready",
        "Order 1001: paid",
    ]
    assert "You paid €3.50 at pick-up" in mails_to(outbox)[-1].body


def paid_online(app: Flask, tenant: Tenant, sandbox: Sandbox) -> Order:
    make_connection(tenant, sandbox)
    order = make_order(tenant, method=PaymentMethod.STRIPE)
    go_and_pay(tenant, sandbox, order)
    run_due_jobs(app)
    return order


def test_cancelling_says_why_and_what_becomes_of_the_money(
    app: Flask, staffed: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    order = paid_online(app, staffed, sandbox)
    outbox.clear()

    with acting_for(staffed.id):
        cancel_order(order_id=order.id, reason="Hail <b>on</b> Tuesday", cancelled_by=new_id())
    run_due_jobs(app)

    cancelled, refunded = mails_to(outbox)
    assert "Hail <b>on</b> Tuesday" in cancelled.body
    assert "<b>on</b>" not in cancelled.alternatives[0][0]
    assert "€3.50 was paid back the way you paid" in cancelled.body  # it was by then
    assert refunded.subject == "Order 1001: €3.50 paid back"
    assert "the way you paid" in refunded.body


def test_a_part_that_is_paid_back_is_named(
    app: Flask, staffed: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    order = paid_online(app, staffed, sandbox)
    outbox.clear()

    with acting_for(staffed.id):
        refund_order(
            order_id=order.id, amount=Money(120, "EUR"), reason="Soft", refunded_by=new_id()
        )
    run_due_jobs(app)

    (mail,) = mails_to(outbox)
    assert mail.subject == "Order 1001: €1.20 paid back"
    assert "The reason: Soft" in mail.body


def test_an_order_that_was_not_paid_says_nothing_was_charged(
    app: Flask, staffed: Tenant, outbox: list[Any]
) -> None:
    order = make_order(staffed)
    run_due_jobs(app)
    outbox.clear()

    with acting_for(staffed.id):
        cancel_order(order_id=order.id, reason="Closed", cancelled_by=new_id())
    run_due_jobs(app)

    (mail,) = mails_to(outbox)
    assert "Nothing was charged." in mail.body


def test_chinese_shoppers_are_written_to_in_chinese(
    app: Flask, staffed: Tenant, outbox: list[Any]
) -> None:
    order = make_order(staffed, language="zh", name="陈静")
    with acting_for(staffed.id):
        mark_ready(order_id=order.id)
    run_due_jobs(app)

    for mail in mails_to(outbox):
        html = mail.alternatives[0][0]
        assert 'lang="zh-Hans"' in html
        assert "订单 1001" in mail.subject
        assert "农场门口" in mail.body
        assert "胡萝卜" in html
        for english in ("Order", "You ", "Collect", "Total", "Sent with"):
            assert english not in mail.body, english


def test_news_heard_twice_is_mailed_once(
    app: Flask, staffed: Tenant, sandbox: Sandbox, outbox: list[Any]
) -> None:
    order = paid_online(app, staffed, sandbox)
    before = len(outbox)
    with acting_for(staffed.id):
        on_payment_succeeded(payment_id=payments_of(order.id)[0].id, payable_id=order.id)
    run_due_jobs(app)

    assert len(outbox) == before


def test_a_name_cannot_add_a_header(app: Flask, staffed: Tenant, outbox: list[Any]) -> None:
    make_order(staffed, name="Mia\r\nBcc: all@example.org")
    run_due_jobs(app)

    for mail in outbox:
        message = mail.message()
        assert message["Bcc"] is None
        assert "\n" not in mail.subject


def test_mails_are_small(app: Flask, staffed: Tenant, outbox: list[Any]) -> None:
    products = {make_product(staffed, f"Cabbage number {n}"): "1" for n in range(40)}
    make_order(staffed, products)
    run_due_jobs(app)

    for mail in outbox:
        assert len(mail.message().as_bytes()) < 102 * 1024


def test_what_a_stranger_typed_is_no_heading_and_no_link(
    app: Flask, staffed: Tenant, outbox: list[Any]
) -> None:
    lie = "your account is locked, unlock it at https://evil.example/unlock today"
    make_order(staffed, name=lie)
    run_due_jobs(app)

    (mail,) = mails_to(outbox)
    assert "locked" not in mail.body
    assert "locked" not in mail.alternatives[0][0]
    for told in outbox:
        html = told.alternatives[0][0]
        heading = html.partition("<h1")[2].partition("</h1>")[0]
        assert "locked" not in heading + told.subject
        assert "evil.example" not in html + told.body


def test_a_merchants_own_words_link_nowhere(app: Flask, staffed: Tenant, outbox: list[Any]) -> None:
    order = make_order(staffed)
    with acting_for(staffed.id):
        cancel_order(order_id=order.id, reason="See https://evil.example", cancelled_by=new_id())
    run_due_jobs(app)

    told = mails_to(outbox)[-1]
    assert "https[:]//evil[.]example" in told.body
    assert "evil.example" not in told.alternatives[0][0] + told.body
    assert told.from_email.endswith("<greenfield@shops.test>")
