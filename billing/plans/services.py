"""Beginning to bill a cooperative, and the periods it is billed by."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from billing.plans.errors import PlanNotFound
from billing.plans.models import BillingAccount, Period, Segment, Subscription
from billing.plans.queries import FIRST_PLAN, find_account, find_plan_version
from billing.plans.rules import GRACE, midnight, span_at
from kernel import clock
from kernel.db import db, insert_unless_there, transaction
from tenants.accounts.queries import get_profile


def start_billing(*, currency: str, time_zone: str) -> BillingAccount:
    """The shop has a billing account on the free plan, counted from today; a second call is none.

    Refused: a currency in which the first plan is not sold.
    """
    with transaction():
        version = find_plan_version(FIRST_PLAN, currency)
        if version is None:
            raise PlanNotFound
        today = clock.now().astimezone(ZoneInfo(time_zone)).date()
        insert_unless_there(
            BillingAccount, currency=currency, time_zone=time_zone, anchored_on=today
        )
        account = find_account()
        assert account is not None, "it was there or has just been made"
        insert_unless_there(Subscription, account_id=account.id)
        subscription = db.session.scalars(select(Subscription)).one()
        insert_unless_there(
            Segment,
            subscription_id=subscription.id,
            plan_version_id=version.id,
            from_at=midnight(account.anchored_on, account.time_zone),
        )
        return account


def ensure_account() -> BillingAccount:
    """The shop's billing account, started now if the news of its opening is still on the way."""
    account = find_account()
    if account is not None:
        return account
    profile = get_profile()
    return start_billing(currency=profile.currency, time_zone=profile.time_zone)


def ensure_period(account: BillingAccount, at: datetime) -> Period:
    """The billing month an instant lies in, as a row."""
    span = span_at(at, anchor=account.anchored_on, zone=account.time_zone)
    with transaction():
        insert_unless_there(
            Period,
            account_id=account.id,
            n=span.n,
            start_at=span.start,
            end_at=span.end,
            grace_end=span.end + GRACE,
        )
        query = select(Period).where(Period.account_id == account.id, Period.n == span.n)
        return db.session.scalars(query).one()
