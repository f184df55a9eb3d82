"""What was metered, what fee it led to, and what the provider told us."""

import json
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select, tuple_

from admin.console import changes
from admin.console.cells import NOTHING, Cell, Code, Link, Text, show
from admin.console.filters import Only
from admin.console.pages import exposed
from admin.console.reading import reads
from admin.console.record_page import Act, Panel, RecordPage
from admin.console.records import TenantRecords
from admin.console.sales import OfAnOrder
from admin.console.trail import audit_of
from billing.metering.models import Collection, Rating, UsageEvent, UsageKind
from billing.webhooks.models import ProviderEvent, ProviderEventState
from billing.webhooks.rules import what_is_kept
from kernel.i18n import money_text, ppm_text
from kernel.money import Money
from kernel.scope import PLATFORM_ID


class Usage(OfAnOrder):
    """Money that moved between a shopper and a shop, and our fee on it."""

    column_list = ("amount", "tenant_id", "payable_id", "kind", "fee", "collection", "occurred_at")
    brief = ("amount", "kind", "fee", "collection", "occurred_at")
    column_details_list = (
        "id", "tenant_id", "payable_id", "kind", "amount", "fee", "collected", "rate", "collection",
        "source", "source_key", "occurred_at", "recorded_at", "payload",
    )  # fmt: skip
    column_sortable_list = ("occurred_at",)
    column_searchable_list = ("source_key",)
    column_filters = (
        Only(UsageEvent.tenant_id, _("Shop"), UUID),
        Only(UsageEvent.kind, _("Kind"), UsageKind),
        Only(UsageEvent.collection, _("How it is collected"), Collection),
    )
    search_hint = _("Search by the key at the source")

    def prepare(self, rows: list[Any]) -> None:
        """The ratings of these events, read once."""
        super().prepare(rows)
        keys = {(row.tenant_id, row.id) for row in rows}
        query = select(Rating).where(tuple_(Rating.tenant_id, Rating.event_id).in_(keys))
        known = g.setdefault("console_ratings", {})
        known.update({(r.tenant_id, r.event_id): r for r in reads.session.scalars(query)})

    def show_amount(self, row: UsageEvent) -> Cell:
        return Link(money_text(Money(row.amount_minor, row.currency)), self.record_url(row))

    def show_fee(self, row: UsageEvent) -> Money | None:
        rating: Rating | None = g.console_ratings.get((row.tenant_id, row.id))
        return Money(rating.fee_minor, row.currency) if rating else None

    def show_collected(self, row: UsageEvent) -> Money:
        return Money(row.collected_minor, row.currency)

    def show_rate(self, row: UsageEvent) -> Cell:
        rating: Rating | None = g.console_ratings.get((row.tenant_id, row.id))
        ppm = rating.rate_ppm if rating else row.rate_ppm
        return NOTHING if ppm is None else Text(ppm_text(ppm), number=True)

    def describe(self, row: UsageEvent) -> RecordPage:
        """The event and how its fee came about."""
        amount = money_text(Money(row.amount_minor, row.currency))
        return RecordPage(
            title=gettext("Usage of %(amount)s", amount=amount),
            state=show(row.kind),
            panels=[rating_panel(row, g.console_ratings.get((row.tenant_id, row.id)))],
        )


def rating_panel(row: UsageEvent, rating: Rating | None) -> Panel:
    """How the fee was worked out."""
    columns = [
        _("Volume before"), _("Volume after"), _("By the ladder"), _("Fixed part"), _("Fee"),
        _("Recorded"),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    if rating is not None:
        amounts = (
            rating.volume_before_minor, rating.volume_after_minor, rating.ladder_minor,
            rating.fixed_minor, rating.fee_minor,
        )  # fmt: skip
        shown = [show(Money(amount, row.currency)) for amount in amounts]
        rows = [[*shown, show(rating.recorded_at)]]
    return Panel(_("Rating"), columns, rows, gettext("Not rated yet."))


class ProviderEvents(TenantRecords):
    """The inbox of what the payment provider tells us; nobody's events lie under Sheaf."""

    column_list = ("type", "tenant_id", "state", "object_ref", "received_at", "error")
    brief = ("type", "state", "received_at", "error")
    column_details_list = (
        "id", "tenant_id", "type", "event_ref", "account_ref", "object_ref", "source",
        "api_version", "livemode", "happened_at", "received_at", "done_at", "error", "raw",
    )  # fmt: skip
    column_sortable_list = ("received_at", "type")
    column_searchable_list = ("type", "event_ref", "object_ref", "account_ref")
    column_filters = (
        Only(ProviderEvent.tenant_id, _("Shop"), UUID),
        Only(ProviderEvent.state, _("State"), ProviderEventState),
    )
    search_hint = _("Search by type or reference")

    def show_type(self, row: ProviderEvent) -> Cell:
        return Link(row.type, self.record_url(row))

    def show_raw(self, row: ProviderEvent) -> Cell:
        kept = what_is_kept(json.loads(row.raw))  # also of what came before less was kept
        return Code(json.dumps(kept, indent=2, ensure_ascii=False))

    def describe(self, row: ProviderEvent) -> RecordPage:
        """The event as it came, and a second try."""
        url = url_for("console_events.rerun", tenant_id=row.tenant_id, record_id=row.id)
        done = row.state is ProviderEventState.DONE or row.tenant_id == PLATFORM_ID
        return RecordPage(
            title=row.type,
            state=show(row.state),
            acts=[] if done else [Act(_("Run again"), url)],
            **audit_of(row.tenant_id, subject=str(row.id)),
        )

    @exposed("/<uuid:tenant_id>/<uuid:record_id>/rerun", methods=("GET", "POST"))
    def rerun(self, tenant_id: UUID, record_id: UUID) -> Any:
        """Take up an event again, with a reason."""
        return changes.ask(self, changes.RERUN_EVENT, self.find(tenant_id=tenant_id, id=record_id))
