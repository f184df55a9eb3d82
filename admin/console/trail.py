"""What the audit and the timelines know about a record."""

from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select

from admin.console.cells import show
from admin.console.reading import reads
from admin.console.record_page import Happening
from admin.console.words import state_words
from storefront.orders.models import OrderEvent
from tenants.audit.models import AuditEntry

SHOWN = 12


def audit_of(tenant_id: UUID, *, subject: str = "") -> dict[str, Any]:
    """The newest audit entries of a shop, or those about one thing, for a record page."""
    query = select(AuditEntry).where(AuditEntry.tenant_id == tenant_id)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    rows = reads.session.scalars(query.order_by(AuditEntry.number.desc()).limit(SHOWN)).all()
    more = url_for("console_audit.index_view", tenant_id=tenant_id) if len(rows) == SHOWN else ""
    return {"history": [_line(row) for row in rows], "history_url": more}


def _line(row: AuditEntry) -> Happening:
    url = url_for("console_audit.record", tenant_id=row.tenant_id, record_id=row.id)
    return Happening(row.action, show(row.at), note=row.actor_name or row.actor_kind, url=url)


def order_trail(tenant_id: UUID, order_id: UUID) -> list[Happening]:
    """What happened to an order, newest first."""
    query = (
        select(OrderEvent)
        .where(OrderEvent.tenant_id == tenant_id, OrderEvent.order_id == order_id)
        .order_by(OrderEvent.at.desc(), OrderEvent.id.desc())
    )
    return [
        Happening(
            state_words(row.kind), show(row.at),
            note=" · ".join(filter(None, [row.actor_name, row.note])),
        )
        for row in reads.session.scalars(query)
    ]  # fmt: skip
