"""Cooperatives and their people, as Sheaf sees them."""

from typing import Any
from uuid import UUID

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from admin.console import changes
from admin.console.cells import NOTHING, Cell, Copyable, Link, Text, show
from admin.console.filters import Only
from admin.console.labels import LABELS
from admin.console.pages import exposed
from admin.console.reading import reads
from admin.console.record_page import Act, Panel, RecordPage
from admin.console.records import PlatformRecords, records
from admin.console.trail import audit_of
from billing.connections.models import PaymentConnection
from billing.plans.models import Plan, PlanVersion, Segment
from kernel.jobs import Job
from kernel.scope import PLATFORM_ID
from storefront.catalog.models import Product
from storefront.orders.models import Order
from tenants.accounts.models import Hostname, ShopProfile, Tenant, TenantState
from tenants.accounts.queries import shop_origin
from tenants.people.models import Membership, Person, PersonTenant


class Tenants(PlatformRecords):
    """Every cooperative."""

    column_list = ("slug", "name", "state", "created_at")
    column_details_list = ("id", "address", "state_reason", "state_changed_at", "created_at")
    column_sortable_list = ("slug", "state", "created_at")
    column_searchable_list = ("slug",)
    column_filters = (Only(Tenant.state, _("State"), TenantState),)
    search_hint = _("Search by address")

    def get_query(self) -> Any:
        """All but tenant zero, which is Sheaf itself."""
        return super().get_query().filter(Tenant.id != PLATFORM_ID)

    def get_count_query(self) -> Any:
        """All but tenant zero."""
        return super().get_count_query().filter(Tenant.id != PLATFORM_ID)

    def prepare(self, rows: list[Any]) -> None:
        """The names of these shops, read once."""
        query = select(ShopProfile).where(ShopProfile.tenant_id.in_([row.id for row in rows]))
        g.console_profiles = {found.tenant_id: found for found in reads.session.scalars(query)}

    def show_slug(self, row: Tenant) -> Cell:
        return Link(row.slug, self.record_url(row))

    def show_address(self, row: Tenant) -> Cell:
        origin = shop_origin(row.id)
        return Link(origin, origin)

    def show_name(self, row: Tenant) -> Cell:
        profile: ShopProfile | None = g.console_profiles.get(row.id)
        return Text(profile.name) if profile else NOTHING

    def describe(self, row: Tenant) -> RecordPage:
        """The cooperative: profile, plan, people, hosts, last orders and what went wrong."""
        profile: ShopProfile | None = g.console_profiles.get(row.id)
        return RecordPage(
            title=profile.name if profile else row.slug,
            state=show(row.state),
            facts=[
                *profile_facts(profile),
                *plan_facts(row.id),
                *payment_facts(row.id),
                *counts(row.id),
            ],
            panels=[
                people_panel(row.id),
                hosts_panel(row.id),
                records("console_orders").latest(_("Orders"), tenant_id=row.id),
                records("console_jobs").latest(
                    _("Jobs in trouble"), Job.last_error.is_not(None), tenant_id=row.id
                ),
                records("console_events").latest(_("Provider events"), tenant_id=row.id),
                records("console_mails").latest(_("Mails"), tenant_id=row.id),
            ],
            acts=[Act(c.title, c.url(row.id), danger=c.danger) for c in changes.offered(row)],
            **audit_of(row.id),
        )

    @exposed("/<uuid:record_id>/suspension", methods=("GET", "POST"))
    def suspension(self, record_id: UUID) -> Any:
        """Suspend the shop, with a reason."""
        return changes.ask(self, changes.SUSPEND, self.find(id=record_id))

    @exposed("/<uuid:record_id>/resumption", methods=("GET", "POST"))
    def resumption(self, record_id: UUID) -> Any:
        """Let the shop sell again, with a reason."""
        return changes.ask(self, changes.RESUME, self.find(id=record_id))

    @exposed("/<uuid:record_id>/closure", methods=("GET", "POST"))
    def closure(self, record_id: UUID) -> Any:
        """Close the shop, with a reason and its address typed again."""
        return changes.ask(self, changes.CLOSE, self.find(id=record_id))


Fact = tuple[Any, Cell]


def profile_facts(profile: ShopProfile | None) -> list[Fact]:
    """How the shop presents itself."""
    if profile is None:
        return []
    return [
        (_("Contact e-mail"), show(profile.contact_email)),
        (_("Contact phone"), show(profile.contact_phone)),
        (_("Currency"), Text(profile.currency)),
        (_("Time zone"), Text(profile.time_zone)),
        (_("Languages"), Text(", ".join(profile.languages))),
    ]


def plan_facts(tenant_id: UUID) -> list[Fact]:
    """The plan it is on now, and since when."""
    query = (
        select(Plan.code, PlanVersion.n, PlanVersion.currency, Segment.from_at)
        .join(PlanVersion, PlanVersion.plan_id == Plan.id)
        .join(Segment, Segment.plan_version_id == PlanVersion.id)
        .where(Segment.tenant_id == tenant_id, Segment.to_at.is_(None))
    )
    found = reads.session.execute(query).first()
    if found is None:
        return [(_("Plan"), Text(gettext("None yet")))]
    return [
        (_("Plan"), Text(f"{found.code} {found.n} ({found.currency})")),
        (_("On this plan since"), show(found.from_at)),
    ]


def payment_facts(tenant_id: UUID) -> list[Fact]:
    """How it can be paid."""
    columns = (
        PaymentConnection.mode, PaymentConnection.account_ref, PaymentConnection.charges_enabled,
        PaymentConnection.at_pickup_enabled,
    )  # fmt: skip
    query = select(*columns).where(PaymentConnection.tenant_id == tenant_id)
    found = reads.session.execute(query).first()
    if found is None:
        return []
    return [
        (_("Online payments"), show(found.mode)),
        (
            _("Account at the provider"),
            Copyable(found.account_ref) if found.account_ref else NOTHING,
        ),
        (_("Provider lets it charge"), show(found.charges_enabled)),
        (_("Payment at pick-up"), show(found.at_pickup_enabled)),
    ]


def counts(tenant_id: UUID) -> list[Fact]:
    """How much there is of it."""

    def count(model: Any, *where: Any) -> Cell:
        query = select(func.count()).select_from(model).where(model.tenant_id == tenant_id, *where)
        return show(reads.session.scalar(query))

    return [
        (_("Products on sale"), count(Product, Product.published_at.is_not(None))),
        (_("Orders so far"), count(Order)),
    ]


def people_panel(tenant_id: UUID) -> Panel:
    """Who works there."""
    query = (
        select(Membership, Person.id, Person.name, Person.email)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.tenant_id == tenant_id, Membership.left_at.is_(None))
        .order_by(Membership.joined_at)
    )
    view = records("console_people")
    rows: list[list[Cell]] = [
        [
            Link(found.name, view.record_url(found)),
            Copyable(found.email),
            show(found.Membership.role),
        ]
        for found in reads.session.execute(query)
    ]
    return Panel(
        _("People"), [_("Full name"), _("E-mail"), _("Role")], rows, gettext("Nobody works here.")
    )


def hosts_panel(tenant_id: UUID) -> Panel:
    """Hosts of its own."""
    query = select(Hostname).where(Hostname.tenant_id == tenant_id).order_by(Hostname.host)
    rows: list[list[Cell]] = [
        [Copyable(found.host), show(found.verified_at)] for found in reads.session.scalars(query)
    ]
    return Panel(
        _("Hosts of its own"),
        [_("Host"), _("Verified")],
        rows,
        gettext("Only its address with us."),
    )


class People(PlatformRecords):
    """Everyone who works in a shop."""

    secret_columns = ("password_hash",)
    column_labels = LABELS | {"name": _("Full name")}
    column_list = ("email", "name", "language", "created_at")
    column_details_list = ("id", "email", "name", "language", "created_at", "password_changed_at")
    column_sortable_list = ("email", "name", "created_at")
    column_searchable_list = ("email", "name")
    search_hint = _("Search by e-mail or name")

    def show_email(self, row: Person) -> Cell:
        return Link(row.email, self.record_url(row))

    def describe(self, row: Person) -> RecordPage:
        """The person and the shops they work in."""
        query = (
            select(Membership)
            .join(PersonTenant, PersonTenant.tenant_id == Membership.tenant_id)
            .where(PersonTenant.person_id == row.id, Membership.person_id == row.id)
        )
        rows: list[list[Cell]] = [
            [
                show(found.tenant_id, name="tenant_id"),
                show(found.role),
                show(found.joined_at),
                show(found.left_at),
            ]
            for found in reads.session.scalars(query)
        ]
        columns = [_("Shop"), _("Role"), _("Joined"), _("Left the shop")]
        return RecordPage(
            title=row.name,
            panels=[Panel(_("Shops"), columns, rows, gettext("Works in no shop."))],
        )
