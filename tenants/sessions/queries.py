"""Reading sign-ins."""

from uuid import UUID

from sqlalchemy import select

from kernel import clock
from kernel.db import db
from tenants.sessions.models import Realm, UserSession
from tenants.sessions.rules import LIFETIMES


def list_sessions(*, realm: Realm, subject_id: UUID) -> list[UserSession]:
    """Where someone is signed in now, last used first."""
    now = clock.now()
    query = (
        select(UserSession)
        .where(
            UserSession.realm == realm,
            UserSession.subject_id == subject_id,
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - LIFETIMES[realm].idle,
        )
        .order_by(UserSession.last_seen_at.desc())
    )
    return list(db.session.scalars(query))
