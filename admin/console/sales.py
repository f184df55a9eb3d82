"""Orders, payments and refunds of every shop."""

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select, tuple_

from admin.console.cells import Cell, Link, show
from admin.console.filters import Only
from admin.console.reading import reads
from admin.console.record_page import Panel, RecordPage
from admin.console.records import TenantRecords, records
from admin.console.trail import audit_of, order_trail
from billing.connections.models import PaymentMethod
from billing.payments.models import Payment, PaymentState
from billing.refunds.models import Refund, RefundState
from kernel.i18n import money_text, quantity_text
from kernel.money import Money
from storefront.orders.models import Order, OrderLine, OrderState, PaidState


class Orders(TenantRecords):
    """What shoppers agreed to buy."""

    column_list = (
        "number",
        "tenant_id",
        "state",
        "paid_state",
        "total",
        "contact_email",
        "placed_at",
    )
    brief = ("number", "state", "paid_state", "total", "placed_at")
    column_details_list = (
        "id", "tenant_id", "number", "paid_state", "method", "total", "contact_name",
        "contact_email", "contact_phone", "language", "pickup_on", "place_address", "placed_at",
        "ready_at", "collected_at", "cancelled_at", "cancel_reason",
    )  # fmt: skip
    column_sortable_list = ("placed_at",)
    column_searchable_list = ("number", "contact_email")
    column_filters = (
        Only(Order.tenant_id, _("Shop"), UUID),
        Only(Order.state, _("State"), OrderState),
        Only(Order.paid_state, _("Payment state"), PaidState),
    )
    search_hint = _("Search by number or e-mail")

    def show_number(self, row: Order) -> Cell:
        return Link(str(row.number), self.record_url(row))

    def show_method(self, row: Order) -> PaymentMethod:
        return PaymentMethod(row.method)

    def describe(self, row: Order) -> RecordPage:
        """The order: its lines and its money."""
        shop = {"tenant_id": row.tenant_id}
        about = {**shop, "payable_id": row.id}
        return RecordPage(
            title=gettext("Order %(number)s", number=row.number),
            state=show(row.state),
            panels=[
                lines_panel(row),
                records("console_payments").latest(_("Payments"), **about),
                records("console_refunds").latest(_("Refunds"), **about),
                records("console_usage").latest(_("Usage"), **about),
                records("console_mails").latest(_("Mails"), **shop, reference=str(row.id)),
            ],
            history=order_trail(row.tenant_id, row.id),
        )


def lines_panel(row: Order) -> Panel:
    """What was bought."""
    query = (
        select(OrderLine)
        .where(OrderLine.tenant_id == row.tenant_id, OrderLine.order_id == row.id)
        .order_by(OrderLine.position)
    )
    rows: list[list[Cell]] = [
        [
            show(line.name_en or line.name_zh),
            show(quantity_text(line.ordered_milli, line.unit)),
            show(line.unit_price),
            show(line.sum),
        ]
        for line in reads.session.scalars(query)
    ]
    columns = [_("Product"), _("Quantity"), _("Unit price"), _("Sum")]
    return Panel(_("Lines"), columns, rows, gettext("Nothing here"))


class OfAnOrder(TenantRecords):
    """Rows about one order, which billing knows as a payable."""

    def prepare(self, rows: list[Any]) -> None:
        """The numbers of the orders that these rows are about, read once."""
        super().prepare(rows)
        keys = {(row.tenant_id, row.payable_id) for row in rows}
        query = select(Order.tenant_id, Order.id, Order.number).where(
            tuple_(Order.tenant_id, Order.id).in_(keys)
        )
        known = g.setdefault("console_order_numbers", {})
        known.update({(t, i): number for t, i, number in reads.session.execute(query)})

    def show_payable_id(self, row: Any) -> Any:
        number = g.console_order_numbers.get((row.tenant_id, row.payable_id))
        url = records("console_orders").get_url(
            "console_orders.record", tenant_id=row.tenant_id, record_id=row.payable_id
        )
        return Link(f"#{number}", url) if number is not None else row.payable_id


class Payments(OfAnOrder):
    """What shoppers were asked for."""

    column_list = ("amount", "tenant_id", "payable_id", "state", "method", "requested_at")
    brief = ("amount", "state", "method", "requested_at")
    column_details_list = (
        "id", "tenant_id", "payable_id", "method", "channel", "amount", "refunded",
        "application_fee", "account_ref", "session_ref", "intent_ref", "charge_ref", "attempt",
        "last_error", "recorded_by", "requested_at", "occurred_at",
    )  # fmt: skip
    column_sortable_list = ("requested_at",)
    column_searchable_list = ("intent_ref", "session_ref", "charge_ref")
    column_filters = (
        Only(Payment.tenant_id, _("Shop"), UUID),
        Only(Payment.state, _("State"), PaymentState),
        Only(Payment.method, _("Method"), PaymentMethod),
    )
    search_hint = _("Search by the provider's reference")

    def show_amount(self, row: Payment) -> Cell:
        return Link(money_text(row.amount), self.record_url(row))

    def show_refunded(self, row: Payment) -> Money:
        return Money(row.refunded_minor, row.currency)

    def show_application_fee(self, row: Payment) -> Money:
        return Money(row.application_fee_minor, row.currency)

    def describe(self, row: Payment) -> RecordPage:
        """The payment and what was given back of it."""
        shop = {"tenant_id": row.tenant_id}
        about = {**shop, "payable_id": row.payable_id}
        return RecordPage(
            title=gettext("Payment of %(amount)s", amount=money_text(row.amount)),
            state=show(row.state),
            panels=[
                records("console_refunds").latest(_("Refunds"), **shop, payment_id=row.id),
                records("console_usage").latest(_("Usage"), **about),
                records("console_events").latest(
                    _("Provider events"), **shop, object_ref=row.intent_ref or row.session_ref
                ),
            ],
            **audit_of(row.tenant_id, subject=str(row.id)),
        )


class Refunds(OfAnOrder):
    """What was given back."""

    column_list = ("amount", "tenant_id", "payable_id", "state", "reason", "requested_at")
    brief = ("amount", "state", "reason", "requested_at")
    column_details_list = (
        "id", "tenant_id", "payable_id", "payment_id", "amount", "fee", "fee_returned", "reason",
        "requested_by", "refund_ref", "attempt", "failure", "requested_at", "succeeded_at",
    )  # fmt: skip
    column_sortable_list = ("requested_at",)
    column_searchable_list = ("refund_ref",)
    column_filters = (
        Only(Refund.tenant_id, _("Shop"), UUID),
        Only(Refund.state, _("State"), RefundState),
    )
    search_hint = _("Search by the provider's reference")

    def show_amount(self, row: Refund) -> Cell:
        return Link(money_text(row.amount), self.record_url(row))

    def show_fee(self, row: Refund) -> Money:
        return Money(row.fee_minor, row.currency)

    def show_fee_returned(self, row: Refund) -> Money:
        return Money(row.fee_returned_minor, row.currency)

    def describe(self, row: Refund) -> RecordPage:
        """The refund and its payment."""
        about = {"tenant_id": row.tenant_id, "payable_id": row.payable_id}
        return RecordPage(
            title=gettext("Refund of %(amount)s", amount=money_text(row.amount)),
            state=show(row.state),
            panels=[records("console_payments").latest(_("Payments"), **about)],
            **audit_of(row.tenant_id, subject=str(row.id)),
        )
