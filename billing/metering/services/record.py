"""Taking in usage: each business fact once, rated at once, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from billing.metering.errors import UsageConflict
from billing.metering.models import Rating, UsageEvent, UsageKind, UsageReject
from billing.metering.queries import find_event, find_rating, get_bucket, left_of
from billing.metering.services.facts import UsageFact, digest, to_payload
from billing.metering.services.rate import Place, choose_bucket, lock_place, rate
from billing.plans.models import BillingAccount
from billing.plans.services import ensure_account
from kernel import clock
from kernel.db import insert_unless_there, transaction
from kernel.log import log
from tenants.audit.services import record as record_audit

AHEAD = timedelta(minutes=5)
LONGEST_LATE = timedelta(days=180)


class Outcome(StrEnum):
    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a fact. A duplicate has the first telling's event and rating."""

    outcome: Outcome
    event: UsageEvent | None = None
    rating: Rating | None = None
    reason: str = ""


class _Rejected(Exception):
    """The fact cannot be counted as it is; the reason is a word for the console."""


def record_usage(*, fact: UsageFact) -> Recorded:
    """The fact is counted and rated exactly once, however often it is told.

    A fact that cannot be counted is kept as a UsageReject; one that contradicts its first telling
    also, with an audit entry. Neither changes any volume or fee.
    """
    payload = to_payload(fact)
    with transaction():
        account = ensure_account()
        try:
            place, target = _place(account, fact)
            known = find_event(account.id, fact.source, fact.source_key)
            if known is None:
                _check_amount_left(fact, target)
                known, made = _insert(account, fact, payload, target)
            else:
                made = False
        except _Rejected as rejected:
            return _reject(payload, str(rejected))
        if made:
            return Recorded(Outcome.RECORDED, known, rate(known, place))
        if known.payload_hash == digest(payload):
            return Recorded(Outcome.DUPLICATE, known, find_rating(known.id))
        return _contradict(payload)


def submit_usage(*, fact: UsageFact) -> Recorded:
    """Like record_usage, committed; a contradiction is refused with UsageConflict after that."""
    with transaction():
        result = record_usage(fact=fact)
    if result.outcome is Outcome.CONFLICT:
        raise UsageConflict
    return result


def _place(account: BillingAccount, fact: UsageFact) -> tuple[Place, UsageEvent | None]:
    """Where the fact counts, locked: for a refund, where its sale did."""
    if fact.amount.minor <= 0:
        raise _Rejected("amount_not_positive")
    if fact.occurred_at > clock.now() + AHEAD:
        raise _Rejected("in_the_future")
    if fact.kind is UsageKind.SALE:
        place = choose_bucket(account, fact)
        if place is None:
            raise _Rejected("currency_not_on_plan")
        if place.closed and clock.now() - fact.occurred_at > LONGEST_LATE:
            raise _Rejected("too_late")
        return place, None
    target = find_event(account.id, fact.source, fact.target_key or "")
    if target is None:
        raise _Rejected("unknown_target")
    if target.currency != fact.amount.currency or target.collection is not fact.collection:
        raise _Rejected("unlike_target")
    return lock_place(account, get_bucket(target.id)), target


def _check_amount_left(fact: UsageFact, target: UsageEvent | None) -> None:
    if target is not None and fact.amount.minor > left_of(target):
        raise _Rejected("more_than_target")


def _insert(
    account: BillingAccount,
    fact: UsageFact,
    payload: dict[str, Any],
    target: UsageEvent | None,
) -> tuple[UsageEvent, bool]:
    made = insert_unless_there(
        UsageEvent,
        account_id=account.id,
        source=fact.source,
        source_key=fact.source_key,
        kind=fact.kind,
        target_event_id=target.id if target else None,
        payable_id=fact.payable_id,
        amount_minor=fact.amount.minor,
        currency=fact.amount.currency,
        collection=fact.collection,
        fee_minor=fact.fee_minor,
        collected_minor=fact.collected_minor,
        rate_ppm=fact.rate_ppm,
        occurred_at=fact.occurred_at,
        payload=payload,
        payload_hash=digest(payload),
    )
    known = find_event(account.id, fact.source, fact.source_key)
    assert known is not None, "it was there or has just been written"
    return known, made is not None


def _reject(payload: Mapping[str, Any], reason: str) -> Recorded:
    insert_unless_there(
        UsageReject,
        source=payload["source"],
        source_key=payload["source_key"],
        payload_hash=digest(payload),
        raw=dict(payload),
        reason=reason,
    )
    log.error("usage_rejected", source_key=payload["source_key"], reason=reason)
    return Recorded(Outcome.REJECTED, reason=reason)


def _contradict(payload: Mapping[str, Any]) -> Recorded:
    _reject(payload, "key_reused")
    record_audit(action="usage.contradicted", subject=str(payload["source_key"]))
    return Recorded(Outcome.CONFLICT, reason="key_reused")
