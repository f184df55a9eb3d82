"""Telling people about changes that a thief would make."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from kernel import clock
from kernel.db import db, in_transaction, transaction
from kernel.outbox import announce
from tenants.alerts.models import SecurityAlert
from tenants.alerts.origins import current_origin
from tenants.audit.actors import current_actor
from tenants.audit.rules import Fact
from tenants.people.models import Membership
from tenants.people.rules import Role

KEPT = timedelta(days=30)


def alert(
    *, action: str, subject: str = "", about: UUID | None = None, also: str = "", **facts: Fact
) -> None:
    """If this transaction commits, all who own the shop acted for now, and the person it is about,
    get a mail; where there is nobody to tell, nothing is kept. Call it before owners change, so
    that one who is removed hears of it too.

    `also` is an address that is told besides, such as the former one of a person.
    """
    assert in_transaction(), "alert only together with the change"
    actor, origin = current_actor(), current_origin()
    told = {key: str(fact) if isinstance(fact, UUID) else fact for key, fact in facts.items()}
    recipients = _recipients(about, also)
    if not recipients:
        return
    with transaction() as session:
        made = SecurityAlert(
            action=action,
            subject=subject,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            actor_name=actor.name,
            device=origin.device,
            network=origin.network,
            recipients=recipients,
            facts=told,
        )
        session.add(made)
        announce("security.alerted", alert_id=made.id)


def _recipients(about: UUID | None, also: str) -> list[str]:
    query = select(Membership.person_id).where(
        Membership.role == Role.OWNER, Membership.left_at.is_(None)
    )
    owners = db.session.scalars(query.order_by(Membership.joined_at, Membership.id))
    found = [str(person_id) for person_id in owners]
    found += [str(about)] if about is not None and str(about) not in found else []
    return found + ([also] if also else [])


def forget_old_alerts() -> None:
    """Alerts of the shop acted for that are older than a month are gone."""
    with transaction() as session:
        session.execute(delete(SecurityAlert).where(SecurityAlert.at < clock.now() - KEPT))
