"""What the console reads: every shop's rows, by a role of the database that can only select."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from kernel.db import staff_reading
from kernel.scope import PLATFORM_ID
from kernel.web import enter
from tenants.accounts.models import Tenant


def _session() -> Session:
    if "staff_reads" not in g:
        g.staff_reads = enter(staff_reading())
    session: Session = g.staff_reads
    return session


class StaffReads:
    """Stands where Flask-Admin expects the database: its session is this request's, read-only."""

    session: Session = cast(Session, LocalProxy(_session))  # the proxy behaves as the session


reads = StaffReads()


def know_tenants(ids: Iterable[UUID]) -> dict[UUID, Tenant]:
    """The tenants with these ids, each read once in a request however many rows name it."""
    known: dict[UUID, Tenant] = g.setdefault("console_tenants", {})
    missing = set(ids) - known.keys()
    if missing:
        found = reads.session.scalars(select(Tenant).where(Tenant.id.in_(missing)))
        known.update({tenant.id: tenant for tenant in found})
    return known


def slug_of(tenant_id: UUID) -> str:
    """A tenant's address, for people to read; tenant zero has none."""
    if tenant_id == PLATFORM_ID:
        return "Sheaf"
    tenant = know_tenants([tenant_id]).get(tenant_id)
    return tenant.slug if tenant else str(tenant_id)
