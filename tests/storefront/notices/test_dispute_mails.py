"""What owners are written about a dispute, and what the order's page says."""

import pytest
from flask import Flask
from sqlalchemy import select

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.sandbox import Sandbox, cards
from kernel.db import db
from kernel.i18n import money_text
from kernel.scope import acting_for
from storefront.orders.models import Order
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tenants.people.queries import list_members
from tenants.people.rules import Role
from tests.browsers import Browser
from tests.conftest import Outbox
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order
from tests.factories.tenants import make_member
from tests.hooks import hear_and_work


def email_of(tenant: Tenant, role: Role) -> str:
    with acting_for(tenant.id):
        return next(one.email for one in list_members() if one.role is role)


def disputed(app: Flask, tenant: Tenant, sandbox: Sandbox) -> Order:
    """A paid order whose payer's bank claims the money."""
    make_connection(tenant, sandbox)
    order = make_order(tenant, method=PaymentMethod.STRIPE)
    go_and_pay(tenant, sandbox, order, card=cards.DISPUTED)
    hear_and_work(app, sandbox)
    return order


def test_every_owner_and_nobody_else_is_told_with_amount_reason_deadline_and_link(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox, outbox: Outbox
) -> None:
    make_member(greenfield, "Ana", role=Role.OWNER)
    make_member(greenfield, "Ben", role=Role.PACKER)
    make_member(hillside, "Carol", role=Role.OWNER)
    order = disputed(app, greenfield, sandbox)
    told = [mail for mail in outbox if "claims" in mail.subject]
    (mail,) = told
    assert mail.to == [email_of(greenfield, Role.OWNER)]
    assert str(order.number) in mail.subject
    with acting_for(greenfield.id):
        assert money_text(order.total) in mail.subject
    assert "somebody else paid with the card" in mail.body
    assert "Berlin time" in mail.body
    assert "https://dashboard.stripe.com/acct_" in mail.body
    assert "/disputes/du_" in mail.body


@pytest.mark.parametrize(
    ("end", "said"), [("won", "stays with your shop"), ("lost", "Do not pay it back again")]
)
def test_the_end_of_a_dispute_is_told_as_it_was(
    app: Flask,
    greenfield: Tenant,
    sandbox: Sandbox,
    outbox: Outbox,
    end: str,
    said: str,
) -> None:
    make_member(greenfield, "Ana", role=Role.OWNER)
    disputed(app, greenfield, sandbox)
    outbox.clear()
    ((_account, dispute),) = sandbox.world.store.list_everywhere("dispute")
    sandbox.move_dispute(dispute["id"], "under_review")
    hear_and_work(app, sandbox)
    assert outbox == []  # nothing to do, nothing to say
    sandbox.move_dispute(dispute["id"], end)
    hear_and_work(app, sandbox)
    (mail,) = outbox
    assert said in mail.body
    assert ("stays with" in mail.body) is (end == "won")


def test_the_order_s_page_says_what_is_claimed_and_until_when_and_offers_no_refund(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, ana: Browser
) -> None:
    order = disputed(app, greenfield, sandbox)
    page = ana.get(f"/greenfield/orders/{order.number}").get_data(as_text=True)
    assert "claims" in page
    assert "Answer by" in page
    assert "https://dashboard.stripe.com/acct_" in page
    assert "Refund this amount" not in page
    refused = ana.post(
        f"/greenfield/orders/{order.number}/refunds",
        data={"amount": "1.00", "reason": "wilted", "left": str(order.total_minor)},
    )
    assert refused.status_code == 409
    assert "the money would be lost twice" in refused.get_data(as_text=True)
    assert sandbox.record()["totals"]
    with acting_for(greenfield.id):
        assert payments_of(order.id)[0].refunded_minor == 0
        actions = set(db.session.scalars(select(AuditEntry.action)))
    assert "dispute.opened" in actions


def test_carol_reads_nothing_of_greenfield_s_dispute(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, carol: Browser
) -> None:
    order = disputed(app, greenfield, sandbox)
    assert carol.get(f"/greenfield/orders/{order.number}").status_code == 404
    assert "claims" not in carol.get("/hillside/audit").get_data(as_text=True)
