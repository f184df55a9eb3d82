"""What staff may change: always for one shop, with a reason, after seeing what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from admin.console.cells import Cell, show
from admin.console.reading import reads, slug_of
from admin.console.records import Records
from billing.payments.models import LIVE, Payment
from billing.webhooks.services import rerun_event
from kernel.forms import SheafForm
from kernel.jobs import Job, retry_job
from storefront.catalog.models import Product
from storefront.orders.models import Order, OrderState
from tenants.accounts.models import Tenant, TenantState
from tenants.accounts.services import (
    close_tenant,
    preview_state,
    resume_tenant,
    suspend_tenant,
)
from tenants.accounts.services.states import FROM
from tenants.people.models import Membership
from tenants.resolve import forget_hosts
from tenants.staff.services import act_in_shop

OPEN_ORDERS = (
    OrderState.AWAITING_PAYMENT,
    OrderState.TO_DECIDE,
    OrderState.TO_PREPARE,
    OrderState.READY,
)


class ReasonForm(SheafForm):
    """Why; whoever is affected may ask, years later."""

    reason = TextAreaField(
        _("Reason"),
        [
            InputRequired(_("Say why.")),
            Length(min=5, max=500, message=_("Say why, in 5 to 500 characters.")),
        ],
    )


class ConfirmedForm(ReasonForm):
    """For what cannot be undone here: the shop's address is typed again."""

    confirmation = StringField(
        _("Web address of the shop"), [InputRequired(_("Type the address."))]
    )

    def __init__(self, *, slug: str) -> None:
        super().__init__()
        self.slug = slug

    def validate_confirmation(self, field: StringField) -> None:
        """Only this shop's address will do."""
        if field.data.strip() != self.slug:
            raise ValidationError(gettext("This is not the address of the shop."))


@dataclass(frozen=True)
class Change:
    """One thing staff can do. `path` is its noun in the address, `does` says it in sentences.

    A change `to` a state is one of a shop, which writes its own line in the shop's audit.
    """

    path: str
    action: str
    title: Any
    button: Any
    done: Any
    carry_out: Callable[[Any, str], None]
    does: tuple[Any, ...] = ()
    to: TenantState | None = None
    danger: bool = False
    confirmed: bool = False

    def url(self, record_id: UUID) -> str:
        """Where staff are asked for the reason, for a change to a shop."""
        return url_for(f"console_tenants.{self.path}", record_id=record_id)


SUSPEND = Change(
    path="suspension",
    action="staff.suspended_shop",
    title=_("Suspend the shop"),
    button=_("Suspend"),
    done=_("The shop is suspended."),
    carry_out=lambda row, reason: suspend_tenant(tenant_id=row.id, reason=reason),
    to=TenantState.SUSPENDED,
    danger=True,
)
RESUME = Change(
    path="resumption",
    action="staff.resumed_shop",
    title=_("Let the shop sell again"),
    button=_("Resume"),
    done=_("The shop is open again."),
    carry_out=lambda row, reason: resume_tenant(tenant_id=row.id, reason=reason),
    to=TenantState.ACTIVE,
)
CLOSE = Change(
    path="closure",
    action="staff.closed_shop",
    title=_("Close the shop for good"),
    button=_("Close for good"),
    done=_("The shop is closed."),
    carry_out=lambda row, reason: close_tenant(tenant_id=row.id, reason=reason),
    to=TenantState.CLOSED,
    danger=True,
    confirmed=True,
)
RETRY_JOB = Change(
    path="retry",
    action="staff.retried_job",
    title=_("Try the job again"),
    button=_("Try again"),
    done=_("The job is ready again."),
    does=(
        _("The job is offered to a worker again, from its first attempt."),
        _("Jobs are safe to run twice: what was done already is not done again."),
    ),
    carry_out=lambda row, _reason: retry_job(job_id=row.id),
)
RERUN_EVENT = Change(
    path="rerun",
    action="staff.reran_event",
    title=_("Take up the event again"),
    button=_("Run again"),
    done=_("The event will be taken up again."),
    does=(
        _("What the event is about is asked of the provider anew, and compared with what we have."),
        _("An event that was done already changes nothing."),
    ),
    carry_out=lambda row, _reason: rerun_event(event_id=row.id),
)


def offered(row: Tenant) -> list[Change]:
    """What can be done about a shop in its present state."""
    changes = (SUSPEND, RESUME, CLOSE)
    return [change for change in changes if change.to and row.state in FROM[change.to]]


def ask(view: Records, change: Change, row: Any) -> ResponseReturnValue:
    """Show what a change does and ask why; do it when the answer is good."""
    tenant_id = row.id if isinstance(row, Tenant) else row.tenant_id
    slug, back = slug_of(tenant_id), view.record_url(row)
    form = ConfirmedForm(slug=slug) if change.confirmed else ReasonForm()
    if form.validate_on_submit():
        done = form.attempt(carry_out, change, row, tenant_id=tenant_id, reason=form.reason.data)
        if done:
            flash(str(change.done), "ok")
            return redirect(back, 303)
    page = view.render(
        "console/act.html", form=form, change=change, slug=slug, back_url=back,
        does=effects(change, row), counts=affected(row.id) if isinstance(row, Tenant) else [],
    )  # fmt: skip
    return page, form.status if form.errors or form.refusal else 200


def effects(change: Change, row: Any) -> list[str]:
    """What a change does, in sentences."""
    if change.to is None:
        return [str(sentence) for sentence in change.does]
    found = preview_state(tenant_id=row.id, to=change.to)
    return [gettext(sentence) for sentence in found.effects]


def carry_out(change: Change, row: Any, *, tenant_id: UUID, reason: str) -> bool:
    """The change, in the shop's own scope and in both audits."""
    act_in_shop(
        tenant_id=tenant_id,
        action=change.action,
        subject=row.id,
        reason=reason,
        change=lambda: change.carry_out(row, reason),
        writes_own_line=change.to is not None,
    )
    forget_hosts()
    return True


def affected(tenant_id: UUID) -> list[tuple[Any, Cell]]:
    """Who and what a change to a shop would touch."""
    counted: list[tuple[Any, Any, Any]] = [
        (_("Open orders"), Order, Order.state.in_(OPEN_ORDERS)),
        (_("Payments under way"), Payment, Payment.state.in_(LIVE)),
        (_("Products on sale"), Product, Product.published_at.is_not(None)),
        (_("People who work there"), Membership, Membership.left_at.is_(None)),
        (_("Jobs waiting"), Job, Job.finished_at.is_(None)),
    ]
    return [
        (label, show(reads.session.scalar(
            select(func.count()).select_from(model).where(model.tenant_id == tenant_id, where)
        )))
        for label, model, where in counted
    ]  # fmt: skip
