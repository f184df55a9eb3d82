"""Plans for tests, put in as the platform's owner would, and taken out again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy import select

from billing.metering.models import Collection, UsageKind
from billing.metering.services import UsageFact
from billing.plans.models import Segment, Subscription
from billing.plans.services import ensure_account
from kernel import clock
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant

WORKED_LADDER = [(1_000_000, 25_000), (5_000_000, 20_000), (None, 15_000)]


@contextmanager
def plan_with(
    admin: psycopg.Connection,
    bands: Sequence[tuple[int | None, int]],
    *,
    fixed_minor: int = 0,
    currency: str = "EUR",
    basis: str = "period",
) -> Iterator[UUID]:
    """A plan on sale inside the block; its version's id."""
    plan, version = new_id(), new_id()
    admin.execute(
        "INSERT INTO plans (id, code, position) VALUES (%s, %s, %s)",
        [plan, f"test-{plan}", plan.int % 1_000_000 + 100],
    )
    admin.execute(
        "INSERT INTO plan_versions (id, plan_id, n, currency, interval, price_minor, "
        "ladder_basis, fixed_minor, flags, published_at) "
        "VALUES (%s, %s, 1, %s, 'month', 0, %s, %s, '{}', now())",
        [version, plan, currency, basis, fixed_minor],
    )
    for k, (up_to, ppm) in enumerate(bands):
        admin.execute(
            "INSERT INTO ladder_bands (id, plan_version_id, k, up_to_minor, rate_ppm) "
            "VALUES (%s, %s, %s, %s, %s)",
            [new_id(), version, k, up_to, ppm],
        )
    try:
        yield version
    finally:
        with admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")
            admin.execute("DELETE FROM ladder_bands WHERE plan_version_id = %s", [version])
            admin.execute("DELETE FROM plan_versions WHERE id = %s", [version])
            admin.execute("DELETE FROM plans WHERE id = %s", [plan])


def put_on_plan(tenant: Tenant, version_id: UUID, *, at: datetime | None = None) -> None:
    """The shop is on this plan from now, or from an instant, on."""
    with acting_for(tenant.id), transaction() as session:
        ensure_account()
        subscription = session.scalars(select(Subscription)).one()
        former = session.scalars(select(Segment).order_by(Segment.from_at)).all()
        if at is None:
            former[-1].plan_version_id = version_id
            return
        former[-1].to_at = at
        session.add(
            Segment(subscription_id=subscription.id, plan_version_id=version_id, from_at=at)
        )


def sale(
    minor: int, key: str = "", *, at: datetime | None = None, currency: str = "EUR"
) -> UsageFact:
    """Money taken at pick-up."""
    name = key or str(new_id())
    return UsageFact(
        source="offline",
        source_key=f"offline:{name}",
        kind=UsageKind.SALE,
        payable_id=UUID(int=7),
        amount=Money(minor, currency),
        occurred_at=at or clock.now(),
        collection=Collection.IN_ARREARS,
    )


def back(minor: int, sold: UsageFact, key: str = "", *, failed: bool = False) -> UsageFact:
    """A part of a sale handed back; with `failed`, a refund that came to nothing."""
    return UsageFact(
        source=sold.source,
        source_key=f"{'refund_failed' if failed else 'refund'}:{key or new_id()}",
        kind=UsageKind.REFUND_FAILED if failed else UsageKind.REFUND,
        payable_id=sold.payable_id,
        amount=Money(minor, sold.amount.currency),
        occurred_at=clock.now(),
        collection=sold.collection,
        target_key=sold.source_key,
    )
