"""What Sheaf costs the shop: every fee with its sale, its rate and how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.sheets import Cell, Sheet, csv_answer
from billing.metering.models import Collection, Rating, UsageKind
from billing.metering.queries import (
    count_waiting_rejects,
    list_all_fees,
    list_fees,
    total_fees,
)
from billing.plans.models import Period
from billing.plans.queries import (
    FIRST_PLAN,
    PlanOffer,
    find_account,
    find_plan_version,
    get_offer,
    get_segment,
    list_periods,
)
from kernel import clock
from kernel.errors import N_
from kernel.i18n import date_text
from kernel.money import Money
from kernel.paging import Page
from storefront.orders.queries import list_order_numbers
from tenants.people.rules import Permission

KINDS = {
    UsageKind.SALE: N_("Sale"),
    UsageKind.REFUND: N_("Refund"),
    UsageKind.REFUND_FAILED: N_("Refund that failed"),
}
PLANS = {
    "seed": N_("Seed plan"),
    "grower": N_("Grower plan"),
    "harvest": N_("Harvest plan"),
}
COLLECTED = {
    Collection.AT_CHARGE: N_("taken from the payment"),
    Collection.IN_ARREARS: N_("billed later"),
}


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One fee as people read it."""

    order_number: int | None
    what: str
    at: datetime
    amount: Money
    rate_ppm: int | None
    volume_before: Money
    volume_after: Money
    fee: Money
    collected: str
    is_late: bool
    reference: str


@backoffice.get("/fees")
@requires(Permission.SEE_FEES)
def show_fees() -> ResponseReturnValue:
    """A month of fees, newest first, with its sums and the plan they come from."""
    period, periods = chosen_period()
    fees: Page[Any] | None = None
    if period is not None:
        fees = list_fees(period_id=period.id, number=request.args.get("page", 1, type=int))
    return render_template(
        "backoffice/fees/list.html",
        fees=fees,
        rows=rows_of(fees.rows) if fees else [],
        totals=total_fees(period_id=period.id) if period else [],
        period=period,
        months=[(str(one.n), month_words(one)) for one in periods],
        offer=_offer(),
        plans=PLANS,
        rejects=count_waiting_rejects(),
        export_url=url_for("backoffice.export_fees", month=period.n) if period else "",
    )


@backoffice.get("/fees.csv")
@requires(Permission.SEE_FEES)
def export_fees() -> Response:
    """The same month as a table for a spreadsheet."""
    period, _periods = chosen_period()
    rows = rows_of(list_all_fees(period_id=period.id)) if period else []
    name = period.start_at.astimezone(_zone()).date().isoformat() if period else "none"
    return csv_answer(_sheet(rows), f"sheaf-fees-{name}.csv")


def chosen_period() -> tuple[Period | None, list[Period]]:
    """The month asked for, else the newest one; and all there are."""
    account = find_account()
    periods = list_periods(account.id) if account else []
    wanted = request.args.get("month", type=int)
    found = [one for one in periods if one.n == wanted] or periods
    return (found[0] if found else None), periods


def rows_of(ratings: Sequence[Rating]) -> list[FeeRow]:
    """Fees with the numbers of their orders, looked up together."""
    events = [one.event for one in ratings if one.event is not None]
    numbers = list_order_numbers(event.payable_id for event in events)
    return [_row(one, numbers) for one in ratings]


def month_words(period: Period) -> str:
    """A billing month by its first and last day."""
    first = period.start_at.astimezone(_zone()).date()
    last = period.end_at.astimezone(_zone()).date() - timedelta(days=1)
    return str(gettext("%(first)s to %(last)s", first=date_text(first), last=date_text(last)))


def _row(rating: Rating, numbers: dict[UUID, int]) -> FeeRow:
    event = rating.event
    assert event is not None, "only the fees of events are listed"

    def money(minor: int) -> Money:
        return Money(minor, event.currency)

    return FeeRow(
        order_number=numbers.get(event.payable_id),
        what=gettext(KINDS[event.kind]),
        at=event.occurred_at,
        amount=money(event.kind.sign * event.amount_minor),
        rate_ppm=rating.rate_ppm,
        volume_before=money(rating.volume_before_minor),
        volume_after=money(rating.volume_after_minor),
        fee=money(rating.fee_minor),
        collected=gettext(COLLECTED[event.collection]),
        is_late=rating.is_late,
        reference=event.source_key,
    )


def _sheet(rows: Sequence[FeeRow]) -> Sheet:
    header = [
        gettext("Date"), gettext("Order"), gettext("What"), gettext("Amount"),
        gettext("Currency"), gettext("Rate in percent"), gettext("Sold before"),
        gettext("Sold after"), gettext("Fee"), gettext("How it is paid"), gettext("Reference"),
    ]  # fmt: skip
    return [header, *map(_cells, rows)]


def _cells(row: FeeRow) -> list[Cell]:
    return [
        row.at.astimezone(_zone()).isoformat(timespec="seconds"), row.order_number or "",
        row.what, row.amount.decimal, row.amount.currency,
        "" if row.rate_ppm is None else row.rate_ppm / 10_000, row.volume_before.decimal,
        row.volume_after.decimal, row.fee.decimal, row.collected, row.reference,
    ]  # fmt: skip


def _offer() -> PlanOffer | None:
    account = find_account()
    if account is not None:
        return get_offer(get_segment(account.id, clock.now()).plan_version_id)
    version = find_plan_version(FIRST_PLAN, g.profile.currency)
    return get_offer(version.id) if version else None


def _zone() -> ZoneInfo:
    return ZoneInfo(g.profile.time_zone)
