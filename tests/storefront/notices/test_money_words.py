"""What is mailed and shown of an order's money is what has happened to it: findings M2, M3, A3."""

from typing import Any

import pytest
from flask import Flask

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.refunds.queries import refunds_of
from billing.refunds.services import apply_refunds
from billing.sandbox import Sandbox, cards
from kernel import clock
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from storefront.orders.jobs import on_refund_moved
from storefront.orders.models import Order, OrderEventKind
from storefront.orders.queries import find_balance
from storefront.orders.rules import order_token
from storefront.orders.services import cancel_order, open_payment_page, refund_order
from tenants.accounts.models import Tenant
from tenants.people.rules import Role
from tests.browsers import Browser, at_work, browse
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.factories.storefront import make_product
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs

MIA = "mia@example.org"
VOID = "Our earlier mail, which said that €6.40 was paid back, is void."


@pytest.fixture
def office(app: Flask, greenfield: Tenant) -> Browser:
    """Ana's; Ben packs, and handles no money."""
    make_member(greenfield, "Ben", role=Role.PACKER)
    return at_work(app, make_member(greenfield, "Ana", role=Role.OWNER))


@pytest.fixture
def paid(app: Flask, greenfield: Tenant, sandbox: Sandbox, office: Browser) -> Order:
    """Two kilograms for 6.40, paid online."""
    make_connection(greenfield, sandbox)
    carrots = make_product(greenfield, price=320)
    order = make_order(greenfield, {carrots: "2"}, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    return order


def cancel(tenant: Tenant, order: Order) -> None:
    with acting_for(tenant.id):
        cancel_order(order_id=order.id, reason="Field flooded", cancelled_by=new_id())


def bounce(tenant: Tenant, order: Order, failure: str = "expired_or_canceled_card") -> None:
    """Days later the shopper's bank sends the money back."""
    with acting_for(tenant.id):
        refund = refunds_of(order.id)[-1]
        (payment,) = payments_of(order.id)
        assert payment.intent_ref is not None
        assert refund.refund_ref is not None
        told = gateway.Refund(
            id=refund.refund_ref, payment_id=payment.intent_ref, charge_id=None,
            amount=refund.amount,
            status="failed", failure_reason=failure, metadata={}, created=clock.now(),
        )  # fmt: skip
        apply_refunds(payment_id=payment.id, told=[told])


def page_of(app: Flask, tenant: Tenant, order: Order) -> str:
    shopper = browse(app, f"{tenant.slug}.shops.test")
    return shopper.get(f"/orders/{order_token(order.id, tenant.id)}").text


def mails_to(outbox: list[Any], address: str) -> list[Any]:
    return [mail for mail in outbox if mail.to == [address]]


def test_a_refund_that_fails_at_once_never_was_on_its_way(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, paid: Order, outbox: list[Any],
    office: Browser,
) -> None:  # fmt: skip
    sandbox.switch(refund_next="failed")
    cancel(greenfield, paid)
    run_due_jobs(app)

    texts = [mail.body for mail in mails_to(outbox, MIA)] + [page_of(app, greenfield, paid)]
    for text in texts[-2:]:
        assert "Nothing was charged" not in text
        assert "was paid back" not in text
    assert "Paying €6.40 back to you did not work" in texts[-1]
    assert "on its way back" not in texts[-1]
    assert "Refund failed" in office.get("/greenfield/orders/1001").text
    assert "Refund failed" in office.get("/greenfield/orders?tab=cancelled").text


def test_a_refund_that_bounces_after_days_is_told_to_shop_and_shopper_and_voids_the_mail(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, paid: Order, outbox: list[Any],
    office: Browser,
) -> None:  # fmt: skip
    cancel(greenfield, paid)
    run_due_jobs(app)
    assert "€6.40 was paid back the way you paid" in page_of(app, greenfield, paid)
    outbox.clear()

    bounce(greenfield, paid)
    run_due_jobs(app)

    (to_mia,) = mails_to(outbox, MIA)
    assert VOID in to_mia.body
    (to_ana,) = mails_to(outbox, "ana@example.org")
    assert to_ana.subject == "Order 1001: a refund failed"
    assert "The card is closed" in to_ana.body
    assert "/greenfield/orders/1001" in to_ana.body
    assert mails_to(outbox, "ben@example.org") == []
    page = page_of(app, greenfield, paid)
    assert "Paying €6.40 back to you did not work" in page
    assert "was paid back" not in page
    assert "Paid back" not in page


def test_news_of_the_same_failure_is_mailed_once(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, paid: Order, outbox: list[Any]
) -> None:
    sandbox.switch(refund_next="failed")
    cancel(greenfield, paid)
    run_due_jobs(app)
    before = len(outbox)
    with acting_for(greenfield.id):
        on_refund_moved(refund_id=refunds_of(paid.id)[0].id, payable_id=paid.id)
    run_due_jobs(app)

    assert len(outbox) == before
    kinds = [event.kind for event in read_order(greenfield, paid.id).events]
    assert kinds.count(OrderEventKind.REFUND_FAILED) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("charge_already_refunded", "do not pay it back a second time"),
        ("no_connection", "We do not know why"),
        ("no_access", "We do not know why"),
        ("canceled", "cancelled at Stripe"),
        ("balance_insufficient", "too little money in your Stripe account"),
        ("charge_disputed", "Pay nothing back; answer the dispute"),
        ("refused", "We do not know why. Look at the payment in Stripe"),
        ("idempotency_error", "We do not know why"),
        ("a_code_that_stripe_invents_tomorrow", "We do not know why"),
    ],
)
def test_a_code_is_never_explained_by_a_guess(
    app: Flask, greenfield: Tenant, paid: Order, office: Browser, code: str, words: str
) -> None:
    cancel(greenfield, paid)
    run_due_jobs(app)
    bounce(greenfield, paid, code)
    run_due_jobs(app)

    page = office.get("/greenfield/orders/1001").text
    assert words in page
    assert "bank refused it" not in page
    assert "Pay the shopper back in another way" not in page


def test_after_a_part_was_paid_back_only_the_rest_is_on_its_way(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, paid: Order, outbox: list[Any]
) -> None:
    with acting_for(greenfield.id):
        refund_order(
            order_id=paid.id, amount=Money(300, "EUR"), reason="Soft", refunded_by=new_id()
        )
    run_due_jobs(app)
    outbox.clear()
    sandbox.switch(refund_next="pending")

    cancel(greenfield, paid)
    run_due_jobs(app)

    cancelled = mails_to(outbox, MIA)[0]
    assert "€6.40 is on its way" not in cancelled.body
    assert "€3.40 is on its way back to you" in cancelled.body
    assert "€3.00 was paid back the way you paid" in cancelled.body


def test_an_order_cancelled_while_the_bank_works_does_not_say_that_nothing_was_charged(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, office: Browser, outbox: list[Any]
) -> None:  # fmt: skip
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order, card=cards.DELAYED)
    run_due_jobs(app)
    cancel(greenfield, order)
    run_due_jobs(app)

    told = mails_to(outbox, MIA)[-1].body
    for text in (told, page_of(app, greenfield, order)):
        assert "Nothing was charged" not in text
        assert "Your payment of €3.50 is under way" in text
    outbox.clear()

    sandbox.settle()
    with acting_for(greenfield.id):
        refresh_payment(payment_id=payments_of(order.id)[0].id)
    run_due_jobs(app)

    arrived = mails_to(outbox, MIA)[0]
    assert "too late" not in arrived.subject + arrived.body
    assert "Field flooded" in arrived.body


def test_an_order_cancelled_just_after_it_was_paid_does_not_say_that_nothing_was_charged(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, office: Browser, outbox: list[Any]
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id):
        url = open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
    sandbox.pay(url.rsplit("/", 1)[1])
    cancel(greenfield, order)
    run_due_jobs(app)

    assert all("Nothing was charged" not in mail.body for mail in mails_to(outbox, MIA))
    assert "too late" not in " ".join(mail.subject for mail in mails_to(outbox, MIA))


def test_money_of_unknown_state_is_called_unknown_everywhere(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, office: Browser, outbox: list[Any]
) -> None:  # fmt: skip
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id):
        open_payment_page(order_id=order.id, success_url="http://a", cancel_url="http://b")
        with transaction():
            (payment,) = payments_of(order.id, lock=True)
            payment.unknown_since = clock.now()
    page = page_of(app, greenfield, order)
    assert "We cannot see yet whether your payment of €3.50 has arrived" in page
    assert "Pay €3.50 now" not in page
    assert "Payment unclear" in office.get("/greenfield/orders/1001").text
    with acting_for(greenfield.id):
        assert find_balance(order).unknown == 350
