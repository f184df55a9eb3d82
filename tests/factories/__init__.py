"""Typed makers of rows, one function a thing; no story is built here."""

from kernel.db import new_id, transaction
from kernel.scope import acting_for
from tenants.accounts.models import ShopProfile, Tenant


def make_tenant(slug: str, *, name: str = "", currency: str = "EUR") -> Tenant:
    tenant_id = new_id()
    with acting_for(tenant_id), transaction() as session:
        tenant = Tenant(id=tenant_id, slug=slug)
        session.add(tenant)
        session.flush()
        session.add(
            ShopProfile(
                name=name or slug.title(),
                currency=currency,
                time_zone="Europe/Berlin",
                languages=["en", "zh"],
            )
        )
    return tenant
