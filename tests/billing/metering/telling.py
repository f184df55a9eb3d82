"""Telling the metering what was sold, and asking what it made of it."""

from sqlalchemy import func, select

from billing.metering.models import Bucket, Rating, UsageEvent, UsageReject
from billing.metering.services import (
    Recorded,
    UsageFact,
    submit_usage,
)
from kernel.db import db
from kernel.scope import acting_for
from tenants.accounts.models import Tenant


def tell(tenant: Tenant, fact: UsageFact) -> Recorded:
    with acting_for(tenant.id):
        return submit_usage(fact=fact)


def count(tenant: Tenant, model: type[UsageEvent | Rating | UsageReject | Bucket]) -> int:
    with acting_for(tenant.id):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def bucket(tenant: Tenant) -> Bucket:
    with acting_for(tenant.id):
        return db.session.scalars(select(Bucket)).one()


def reasons(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return list(db.session.scalars(select(UsageReject.reason).order_by(UsageReject.id)))
