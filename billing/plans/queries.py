"""Reading plans and a cooperative's place on them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billing.plans.errors import PlanNotFound
from billing.plans.models import (
    BillingAccount,
    LadderBand,
    Period,
    Plan,
    PlanVersion,
    Segment,
    Subscription,
)
from billing.plans.rules import Span
from kernel.db import db
from kernel.money import Money

FIRST_PLAN = "seed"


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan as it is sold in one currency."""

    code: str
    price: Money
    rates_ppm: tuple[int, ...]


def find_account() -> BillingAccount | None:
    """The billing account of the shop acted for; a very new shop has none yet."""
    return db.session.scalars(select(BillingAccount)).one_or_none()


def find_plan_version(code: str, currency: str) -> PlanVersion | None:
    """The newest version of a plan in a currency."""
    query = (
        select(PlanVersion)
        .join(Plan, Plan.id == PlanVersion.plan_id)
        .where(Plan.code == code, PlanVersion.currency == currency)
        .order_by(PlanVersion.n.desc())
        .limit(1)
    )
    return db.session.scalars(query).one_or_none()


def find_sibling(version_id: UUID, currency: str) -> PlanVersion | None:
    """The same version of the same plan in another currency."""
    version = get_version(version_id)
    if version.currency == currency:
        return version
    query = select(PlanVersion).where(
        PlanVersion.plan_id == version.plan_id,
        PlanVersion.n == version.n,
        PlanVersion.currency == currency,
    )
    return db.session.scalars(query).one_or_none()


def get_version(version_id: UUID) -> PlanVersion:
    """One version of one plan."""
    query = select(PlanVersion).where(PlanVersion.id == version_id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise PlanNotFound
    return found


def list_bands(version_id: UUID) -> list[LadderBand]:
    """The ladder of a plan version, from its first band."""
    query = select(LadderBand).where(LadderBand.plan_version_id == version_id)
    return list(db.session.scalars(query.order_by(LadderBand.k)))


def get_segment(account_id: UUID, at: datetime) -> Segment:
    """What the account was on at an instant; before its first segment that one counts."""
    query = (
        select(Segment)
        .join(Subscription, Subscription.id == Segment.subscription_id)
        .where(Subscription.account_id == account_id)
        .order_by(Segment.from_at)
    )
    segments = db.session.scalars(query).all()
    begun = [segment for segment in segments if segment.from_at <= at]
    return begun[-1] if begun else segments[0]


def find_period(account_id: UUID, span: Span) -> Period | None:
    """The row of a billing month, once something has happened in it."""
    query = select(Period).where(Period.account_id == account_id, Period.n == span.n)
    return db.session.scalars(query).one_or_none()


def list_periods(account_id: UUID) -> list[Period]:
    """The account's billing months in which something happened, newest first."""
    query = select(Period).where(Period.account_id == account_id).order_by(Period.n.desc())
    return list(db.session.scalars(query))


def get_offer(version_id: UUID) -> PlanOffer:
    """What a plan version costs, in words for its payer."""
    version = get_version(version_id)
    plan = db.session.scalars(select(Plan).where(Plan.id == version.plan_id)).one()
    rates = tuple(band.rate_ppm for band in list_bands(version.id))
    return PlanOffer(plan.code, Money(version.price_minor, version.currency), rates)
