"""Paying, giving back, and asking what became of it."""

from uuid import UUID

from flask import Flask
from sqlalchemy import select

from billing.metering.models import Rating
from billing.payments.models import Payment
from billing.payments.services import refresh_payment
from billing.refunds.models import Refund
from billing.refunds.queries import get_refund
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox
from kernel.db import db, new_id
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.factories.billing import pay
from tests.jobs import run_due_jobs

ANA = new_id()


def paid(app: Flask, tenant: Tenant, sandbox: Sandbox, amount: int = 1000) -> Payment:
    """A payment that has arrived and is known to have."""
    payment = pay(tenant, sandbox, amount)
    with acting_for(tenant.id):
        refresh_payment(payment_id=payment.id)
    run_due_jobs(app)
    return payment


def ask(tenant: Tenant, payable_id: UUID, minor: int) -> Refund:
    with acting_for(tenant.id):
        return request_refund(
            payable_id=payable_id, amount=Money(minor, "EUR"), reason="wilted", requested_by=ANA
        )


def look(tenant: Tenant, refund: Refund) -> Refund:
    with acting_for(tenant.id):
        return get_refund(refund.id)


def totals(sandbox: Sandbox) -> dict[str, int]:
    (account,) = sandbox.record()["totals"].values()
    found: dict[str, int] = account["eur"]
    return found


def fees(tenant: Tenant) -> int:
    with acting_for(tenant.id):
        return sum(db.session.scalars(select(Rating.fee_minor)))
