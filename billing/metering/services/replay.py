"""Trying rejected usage again."""

from uuid import UUID

from sqlalchemy import select

from billing.metering.errors import RejectNotFound
from billing.metering.models import UsageReject
from billing.metering.services.facts import from_payload
from billing.metering.services.record import Outcome, Recorded, record_usage
from kernel.db import db, for_update, transaction


def replay_reject(*, reject_id: UUID) -> Recorded:
    """Usage that was rejected is counted if it can be by now; otherwise it stays rejected.

    A resolved reject keeps pointing at its event; replaying it again is a duplicate.
    """
    with transaction():
        query = select(UsageReject).where(UsageReject.id == reject_id)
        reject = db.session.scalars(for_update(query)).one_or_none()
        if reject is None:
            raise RejectNotFound
        result = record_usage(fact=from_payload(reject.raw))
        if result.outcome in {Outcome.RECORDED, Outcome.DUPLICATE}:
            assert result.event is not None, "recorded usage has an event"
            reject.resolved_event_id = result.event.id
        return result
