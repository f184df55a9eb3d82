"""Reading alerts."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import db
from tenants.alerts.models import SecurityAlert


def get_alert(alert_id: UUID) -> SecurityAlert:
    """An alert of the shop acted for."""
    return db.session.scalars(select(SecurityAlert).where(SecurityAlert.id == alert_id)).one()
