"""Rating: finding the bucket an event counts in, and the fee it adds there."""

from dataclasses import dataclass

from sqlalchemy import func, select

from billing.metering.models import Bucket, Collection, Rating, UsageEvent, UsageKind
from billing.metering.queries import extras_of, find_rating, get_ladder, left_of
from billing.metering.rules import RATER_VERSION, Extras, Fee, Ladder, fee_step, flat_rate, sale_fee
from billing.metering.services.facts import UsageFact
from billing.plans.models import BillingAccount, Period, PeriodState, PlanVersion, Segment
from billing.plans.queries import find_sibling, get_segment, get_version
from billing.plans.services import ensure_period
from kernel import clock
from kernel.db import db, for_update, insert_unless_there


@dataclass(frozen=True, slots=True)
class Place:
    """A locked bucket, its locked period, and the period its fees are booked in now."""

    bucket: Bucket
    period: Period
    booked: Period

    @property
    def closed(self) -> bool:
        return self.period.state is PeriodState.CLOSED


def choose_bucket(account: BillingAccount, fact: UsageFact) -> Place | None:
    """The bucket a sale belongs to by its own time, made if it is the first; None when the plan
    of that time is not sold in the sale's currency."""
    segment = get_segment(account.id, fact.occurred_at)
    version = find_sibling(segment.plan_version_id, fact.amount.currency)
    if version is None:
        return None
    period = ensure_period(account, fact.occurred_at)
    identity = {
        "account_id": account.id,
        "period_id": period.id,
        "segment_id": segment.id,
        "currency": fact.amount.currency,
        "collection": fact.collection,
    }
    # Inserted at zero first: a lock on a row that is not there would lock nothing.
    insert_unless_there(
        Bucket,
        **identity,
        plan_version_id=version.id,
        start_volume_minor=_volume_before(segment, period, fact),
    )
    return lock_place(account, db.session.scalars(select(Bucket).filter_by(**identity)).one())


def _volume_before(segment: Segment, period: Period, fact: UsageFact) -> int:
    """What was sold in this period under earlier plans: a change of plan keeps the ladder."""
    query = (
        select(func.sum(Bucket.net_volume_minor))
        .join(Segment, Segment.id == Bucket.segment_id)
        .where(
            Bucket.period_id == period.id,
            Bucket.currency == fact.amount.currency,
            Bucket.collection == fact.collection,
            Segment.from_at < segment.from_at,
        )
    )
    return int(db.session.scalar(query) or 0)


def lock_place(account: BillingAccount, bucket: Bucket) -> Place:
    """The bucket and its period, locked in this order everywhere: period, then bucket."""
    own = select(Period).where(Period.id == bucket.period_id)
    period = db.session.scalars(for_update(own)).one()
    booked = period
    if period.state is PeriodState.CLOSED:
        booked = ensure_period(account, clock.now())
    locked = db.session.scalars(for_update(select(Bucket).where(Bucket.id == bucket.id))).one()
    return Place(locked, period, booked)


def rate(event: UsageEvent, place: Place) -> Rating:
    """The event's fee is added to its bucket. Call once per event, with its place locked."""
    bucket = place.bucket
    before = bucket.start_volume_minor + bucket.net_volume_minor + bucket.late_volume_minor
    change = event.kind.sign * event.amount_minor
    fee, rate_ppm = _fee(event, bucket, before, change)
    if place.closed:
        bucket.late_volume_minor += change
    else:
        bucket.net_volume_minor += change
    bucket.fee_minor += fee.minor
    bucket.rating_count += 1
    rating = Rating(
        event_id=event.id,
        bucket_id=bucket.id,
        seq=bucket.rating_count,
        volume_before_minor=before,
        volume_after_minor=before + change,
        ladder_minor=fee.ladder_minor,
        fixed_minor=fee.fixed_minor,
        clamp_delta_minor=fee.clamp_delta_minor,
        fee_minor=fee.minor,
        collected_minor=event.collected_minor,
        rate_ppm=rate_ppm,
        booked_period_id=place.booked.id,
        is_late=place.closed,
        rater_version=RATER_VERSION,
    )
    db.session.add(rating)
    db.session.flush()
    return rating


def _fee(event: UsageEvent, bucket: Bucket, before: int, change: int) -> tuple[Fee, int | None]:
    if event.collection is Collection.AT_CHARGE:
        assert event.fee_minor is not None, "a fee taken at the charge comes with the event"
        return Fee(event.fee_minor), event.rate_ppm
    version = get_version(bucket.plan_version_id)
    ladder = get_ladder(version.id)
    rate_ppm = flat_rate(ladder, before_minor=before, after_minor=before + change)
    if event.kind is UsageKind.SALE:
        fee = sale_fee(ladder, extras_of(version), before_minor=before, amount_minor=change)
        return fee, rate_ppm
    return _undo(event, ladder, version, before), rate_ppm


def _undo(event: UsageEvent, ladder: Ladder, version: PlanVersion, before: int) -> Fee:
    """The ladder's step back; what was added per sale goes back when the whole sale has."""
    change = event.kind.sign * event.amount_minor
    step = fee_step(ladder, before_minor=before, change_minor=change)
    if extras_of(version) == Extras():
        return Fee(step)
    return Fee(step, *_extras_back(event, version))


def _extras_back(event: UsageEvent, version: PlanVersion) -> tuple[int, int]:
    assert event.target_event_id is not None, "a refund is of something"
    former = find_rating(event.target_event_id)
    assert former is not None, "what is undone was rated"
    whole = event.kind is UsageKind.REFUND_FAILED or _is_whole(event)
    if not whole or not version.flags.get("refund_fixed", True):
        return 0, 0
    return -former.fixed_minor, -former.clamp_delta_minor


def _is_whole(event: UsageEvent) -> bool:
    query = select(UsageEvent).where(UsageEvent.id == event.target_event_id)
    return left_of(db.session.scalars(query).one()) == 0
