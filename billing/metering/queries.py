"""Reading fees: the rate of the next charge, and what has been rated."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from billing.metering.models import Bucket, Rating, UsageEvent, UsageKind, UsageReject
from billing.metering.rules import Extras, Ladder, charge_fee, rate_at, read_ladder
from billing.plans.errors import PlanNotFound
from billing.plans.models import BillingAccount, LadderBasis, Period, PlanVersion
from billing.plans.queries import (
    FIRST_PLAN,
    find_account,
    find_plan_version,
    find_sibling,
    get_segment,
    list_bands,
)
from billing.plans.rules import span_at
from kernel import clock
from kernel.db import db
from kernel.money import Money
from kernel.paging import PAGE_SIZE, Page, paginate


@dataclass(frozen=True, slots=True)
class ChargeFee:
    """Sheaf's part of a charge, fixed before it is asked for."""

    fee: Money
    rate_ppm: int
    plan_version_id: UUID


def get_ladder(version_id: UUID) -> Ladder:
    """The ladder of a plan version."""
    return read_ladder([(band.up_to_minor, band.rate_ppm) for band in list_bands(version_id)])


def extras_of(version: PlanVersion) -> Extras:
    """What a plan version adds per sale."""
    return Extras(version.fixed_minor, version.min_minor, version.max_minor)


def get_charge_fee(amount: Money) -> ChargeFee:
    """What Sheaf takes of a charge made now through a connected account.

    Refused: a currency in which the shop's plan is not sold.
    """
    account = find_account()
    version = _version_now(account, amount.currency)
    if version is None:
        raise PlanNotFound
    volume = 0
    if account is not None and version.ladder_basis is LadderBasis.PREVIOUS_PERIOD:
        volume = _sold_last_month(account, amount.currency)
    rate = rate_at(get_ladder(version.id), volume)
    fee = charge_fee(rate, extras_of(version), amount_minor=amount.minor)
    return ChargeFee(Money(fee.minor, amount.currency), rate, version.id)


def _version_now(account: BillingAccount | None, currency: str) -> PlanVersion | None:
    if account is None:
        return find_plan_version(FIRST_PLAN, currency)
    return find_sibling(get_segment(account.id, clock.now()).plan_version_id, currency)


def _sold_last_month(account: BillingAccount, currency: str) -> int:
    """What the month before this one came to, less refunds, however its fees were collected."""
    now = span_at(clock.now(), anchor=account.anchored_on, zone=account.time_zone)
    query = (
        select(func.sum(Bucket.net_volume_minor + Bucket.late_volume_minor))
        .join(Period, Period.id == Bucket.period_id)
        .where(Period.account_id == account.id, Period.n == now.n - 1)
        .where(Bucket.currency == currency)
    )
    return max(int(db.session.scalar(query) or 0), 0)


def find_event(account_id: UUID, source: str, source_key: str) -> UsageEvent | None:
    """The event of a business fact."""
    query = select(UsageEvent).where(
        UsageEvent.account_id == account_id,
        UsageEvent.source == source,
        UsageEvent.source_key == source_key,
    )
    return db.session.scalars(query).one_or_none()


def find_rating(event_id: UUID) -> Rating | None:
    """How an event was rated."""
    return db.session.scalars(select(Rating).where(Rating.event_id == event_id)).one_or_none()


def get_bucket(event_id: UUID) -> Bucket:
    """Where an event was counted: its refunds count there too, for ever."""
    query = select(Bucket).join(Rating, Rating.bucket_id == Bucket.id)
    return db.session.scalars(query.where(Rating.event_id == event_id)).one()


def left_of(event: UsageEvent) -> int:
    """What later events have not yet taken back of an event, in minor units."""
    taken = select(UsageEvent.id).where(UsageEvent.target_event_id == event.id)
    failed = select(func.sum(UsageEvent.amount_minor)).where(
        UsageEvent.target_event_id.in_(taken), UsageEvent.kind == UsageKind.REFUND_FAILED
    )
    back = select(func.sum(UsageEvent.amount_minor)).where(UsageEvent.target_event_id == event.id)
    undone = int(db.session.scalar(failed) or 0)
    return event.amount_minor - int(db.session.scalar(back) or 0) + undone


@dataclass(frozen=True, slots=True)
class FeeTotals:
    """One currency's month: what was sold and given back, our fees, and what of them is settled."""

    sales: Money
    refunds: Money
    fees: Money
    collected: Money

    @property
    def due(self) -> Money:
        """What an invoice will still ask for; negative when more was taken than is owed."""
        return self.fees - self.collected


def list_fees(*, period_id: UUID, number: int = 1) -> Page[Rating]:
    """A page of the fees booked in a month, newest first, each with its event."""
    return paginate(db.session(), _fees_of(period_id), number=number, size=PAGE_SIZE)


def list_all_fees(*, period_id: UUID) -> list[Rating]:
    """All fees booked in a month, newest first, each with its event."""
    return list(db.session.scalars(_fees_of(period_id)))


def _fees_of(period_id: UUID) -> Select[Rating]:
    return (
        select(Rating)
        .join(UsageEvent, UsageEvent.id == Rating.event_id)
        .where(Rating.booked_period_id == period_id)
        .options(joinedload(Rating.event))
        .order_by(UsageEvent.occurred_at.desc(), Rating.id.desc())
    )


def total_fees(*, period_id: UUID) -> list[FeeTotals]:
    """A month's sums, one per currency; two currencies never add."""
    back = UsageEvent.kind == UsageKind.REFUND
    query = (
        select(
            UsageEvent.currency,
            func.sum(case((back, 0), else_=UsageEvent.amount_minor)),
            func.sum(case((back, UsageEvent.amount_minor), else_=0)),
            func.sum(Rating.fee_minor),
            func.sum(Rating.collected_minor),
        )
        .join(Rating, Rating.event_id == UsageEvent.id)
        .where(Rating.booked_period_id == period_id)
        .group_by(UsageEvent.currency)
        .order_by(UsageEvent.currency)
    )
    return [
        FeeTotals(*(Money(int(value), currency) for value in values))
        for currency, *values in db.session.execute(query)
    ]


def count_waiting_rejects() -> int:
    """How many payments or refunds could not be counted yet."""
    query = select(func.count()).select_from(UsageReject)
    return db.session.scalar(query.where(UsageReject.resolved_event_id.is_(None))) or 0
