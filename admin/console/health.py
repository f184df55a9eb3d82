"""How Sheaf is doing: numbers across all shops, read when a page is opened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import func, select

from admin.console.reading import reads
from billing.payments.models import Payment, PaymentState
from billing.webhooks.models import ProviderEvent, ProviderEventState
from kernel import clock
from kernel.jobs import DueJob, Job, JobState
from kernel.money import Money
from kernel.relay import connect, make_queue
from kernel.scope import PLATFORM_ID
from storefront.orders.models import Order
from tenants.accounts.models import Tenant, TenantState
from tenants.mail.models import Mail, MailState

LATE = timedelta(minutes=5)


@dataclass(frozen=True)
class JobNumbers:
    """Jobs by state, how long the oldest due one has waited, and what the queue holds.

    `queued` and `workers` are None while Valkey does not answer: jobs then wait, none is lost.
    """

    waiting: int
    dead: int
    oldest_due: timedelta
    queued: int | None
    workers: int | None

    @property
    def late(self) -> bool:
        return self.oldest_due > LATE


@dataclass(frozen=True)
class Health:
    """What the first page of the console says."""

    tenants: dict[TenantState, int]
    orders_today: int
    payments_today: list[tuple[int, Money]]
    jobs: JobNumbers
    events_waiting: int
    events_refused: int
    mails_waiting: int


def read_health() -> Health:
    """The numbers of this moment; a day is one of UTC."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Health(
        tenants=tenants_by_state(),
        orders_today=count(Order, Order.placed_at >= midnight),
        payments_today=payments_since(midnight),
        jobs=job_numbers(),
        events_waiting=count(ProviderEvent, ProviderEvent.state == ProviderEventState.RECEIVED),
        events_refused=count(ProviderEvent, ProviderEvent.state == ProviderEventState.REFUSED),
        mails_waiting=count(Mail, Mail.state == MailState.QUEUED),
    )


def count(model: type[Any], *where: Any) -> int:
    """How many rows of all shops."""
    return reads.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def tenants_by_state() -> dict[TenantState, int]:
    """How many shops are open, suspended and closed."""
    query = (
        select(Tenant.state, func.count()).where(Tenant.id != PLATFORM_ID).group_by(Tenant.state)
    )
    found = dict(list(reads.session.execute(query)))
    return {state: found.get(state, 0) for state in TenantState}


def payments_since(start: datetime) -> list[tuple[int, Money]]:
    """How many payments succeeded, and their sum, in each currency."""
    query = (
        select(Payment.currency, func.count(), func.sum(Payment.amount_minor))
        .where(Payment.state == PaymentState.SUCCEEDED, Payment.occurred_at >= start)
        .group_by(Payment.currency)
        .order_by(Payment.currency)
    )
    return [
        (number, Money(int(minor), currency))
        for currency, number, minor in reads.session.execute(query)
    ]


def job_numbers() -> JobNumbers:
    """What waits, what died, and whether anyone works."""
    now = clock.now()
    oldest = reads.session.scalar(select(func.min(DueJob.due_at)).where(DueJob.due_at <= now))
    queued, workers = _queue()
    return JobNumbers(
        waiting=count(Job, Job.state == JobState.READY),
        dead=count(Job, Job.state == JobState.DEAD),
        oldest_due=now - oldest if oldest else timedelta(),
        queued=queued,
        workers=workers,
    )


def _queue() -> tuple[int | None, int | None]:
    try:
        with connect() as connection:
            queue = make_queue(connection)
            return queue.count, Worker.count(connection=connection, queue=queue)
    except RedisError:
        return None, None
