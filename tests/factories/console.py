"""A shop in which something of everything has happened, for staff to look at."""

from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from billing.metering.models import UsageEvent
from billing.payments.models import Payment
from billing.payments.services import record_at_pickup
from billing.plans.services import ensure_account
from billing.refunds.models import Refund
from billing.refunds.services import request_refund
from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel import clock
from kernel.db import db, transaction
from kernel.jobs import Job, JobState
from kernel.money import Money
from kernel.scope import acting_for
from storefront.orders.models import Order
from tenants.accounts.models import Hostname, Tenant
from tenants.audit.models import AuditEntry
from tenants.mail.models import Mail
from tenants.mail.services import post_mail
from tenants.people.models import Person
from tenants.people.rules import Role
from tests.factories.orders import make_order
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs


@dataclass(frozen=True)
class Lived:
    """One of everything, by its id."""

    tenant: Tenant
    owner: Person
    order: Order
    payment: UUID
    refund: UUID
    usage: UUID
    event: UUID
    job: UUID
    mail: UUID
    entry: UUID

    @property
    def records(self) -> dict[str, str]:
        """The address of each record in the console."""
        own = {
            "orders": self.order.id, "payments": self.payment, "refunds": self.refund,
            "usage": self.usage, "provider-events": self.event, "jobs": self.job,
            "mails": self.mail, "audit": self.entry,
        }  # fmt: skip
        return {kind: f"/{kind}/{self.tenant.id}/{id_}" for kind, id_ in own.items()} | {
            "tenants": f"/tenants/{self.tenant.id}",
            "people": f"/people/{self.owner.id}",
        }


def live_in(app: Flask, tenant: Tenant, owner_name: str) -> Lived:
    """An order paid by hand and refunded in part, with what follows, and some trouble."""
    owner = make_member(tenant, owner_name, role=Role.OWNER)
    with acting_for(tenant.id):
        ensure_account()
    order = make_order(tenant, email=f"buyer@{tenant.slug}.example")
    with acting_for(tenant.id), transaction():
        record_at_pickup(payable_id=order.id, taken_by=owner.id)
    with acting_for(tenant.id), transaction():
        request_refund(
            payable_id=order.id, amount=Money(100, "EUR"), reason="Bruised", requested_by=owner.id
        )
    event, job = trouble(tenant)
    run_due_jobs(app)
    with acting_for(tenant.id):
        return Lived(
            tenant, owner, order, newest(Payment), newest(Refund), newest(UsageEvent), event, job,
            newest(Mail), newest(AuditEntry),
        )  # fmt: skip


def trouble(tenant: Tenant) -> tuple[UUID, UUID]:
    """A host of its own, a refused event of the provider, a dead job and a mail."""
    now = clock.now()
    event = ProviderEvent(
        account_ref=f"acct_{tenant.slug}", event_ref=f"evt_{tenant.slug}", type="charge.refunded",
        object_ref=f"re_{tenant.slug}", livemode=False, raw='{"object": "event"}', happened_at=now,
        state=ProviderEventState.REFUSED, error="amount_differs",
    )  # fmt: skip
    job = Job(
        name="billing.refunds.jobs.send_refund", facts={"refund_id": str(tenant.id)},
        state=JobState.DEAD, attempts=10, last_error="GatewayAway at billing.gateway.client:40",
        finished_at=now,
    )  # fmt: skip
    host = Hostname(tenant_id=tenant.id, host=f"www.{tenant.slug}.example", verified_at=now)
    with acting_for(tenant.id), transaction() as session:
        session.add_all([event, job, host])
        post_mail(
            to=f"buyer@{tenant.slug}.example", subject=f"Thank you from {tenant.slug}",
            html="<p>secret words</p>", text="secret words", kind="order.placed",
        )  # fmt: skip
    return event.id, job.id


def newest(model: type[Payment | Refund | UsageEvent | Mail | AuditEntry]) -> UUID:
    return db.session.scalars(select(model.id).order_by(model.id.desc()).limit(1)).one()
