"""One box that finds anything by what people have in hand: address, e-mail, number, host or id."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from admin.console.pages import StaffPages, exposed
from admin.console.reading import reads, slug_of
from admin.console.records import LONGEST_SEARCH, records
from billing.payments.models import Payment
from billing.webhooks.models import ProviderEvent
from kernel.scope import PLATFORM_ID
from kernel.settings import settings
from kernel.text import tidy_line
from storefront.orders.models import Order
from tenants.accounts.models import Hostname, ShopProfile, Tenant
from tenants.mail.models import Mail
from tenants.people.models import Person

MOST_OF_A_KIND = 20
LARGEST_NUMBER = 2**63 - 1
BY_ID = (
    "console_tenants", "console_people", "console_orders", "console_payments", "console_refunds",
    "console_usage", "console_events", "console_jobs", "console_mails", "console_audit",
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A record that was found: what it is, what it is called, whose it is."""

    kind: Any
    text: str
    url: str
    shop: str = ""


class Search(StaffPages):
    """The box at the top of every page leads here."""

    @exposed("/")
    def index(self) -> ResponseReturnValue:
        """Everything that fits; the record itself when there is only one."""
        wanted = tidy_line(request.args.get("q", ""))[:LONGEST_SEARCH]
        hits = list(find_hits(wanted)) if wanted else []
        if len(hits) == 1:
            return redirect(hits[0].url, 302)
        return str(self.render("console/search.html", looked_for=wanted, hits=hits))


def find_hits(wanted: str) -> Iterator[Hit]:
    """What a text can mean, most telling first; each record once."""
    seen: set[str] = set()
    for way in ways(wanted):
        for hit in way(wanted):
            if hit.url not in seen:
                seen.add(hit.url)
                yield hit


def ways(wanted: str) -> list[Callable[[str], Iterator[Hit]]]:
    """How to look for a text of this shape."""
    if as_id(wanted) is not None:
        return [by_id]
    if "@" in wanted:
        return [by_email]
    if wanted.lstrip("#").isascii() and wanted.lstrip("#").isdigit():
        return [by_number, by_slug]
    return [by_host, by_slug, by_reference]


def as_id(text: str) -> UUID | None:
    """The id that a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def by_id(wanted: str) -> Iterator[Hit]:
    """Any record with this id, of whatever kind."""
    for endpoint in BY_ID:
        view = records(endpoint)
        row = view.get_query().filter_by(id=UUID(wanted)).first()
        if row is not None:
            yield hit(endpoint, row, str(row.id))


def by_email(wanted: str) -> Iterator[Hit]:
    """A person, their orders and the mails to them."""
    email = wanted.lower()
    for person in found(select(Person.id, Person.email).where(Person.email == email)):
        yield hit("console_people", person, person.email)
    orders = select(Order.id, Order.tenant_id, Order.number)
    for order in found(orders.where(Order.contact_email.in_({email, wanted}))):
        yield hit("console_orders", order, f"#{order.number}")
    mails = select(Mail.id, Mail.tenant_id, Mail.subject)
    for mail in found(mails.where(Mail.recipient.in_({email, wanted}))):
        yield hit("console_mails", mail, mail.subject)


def by_number(wanted: str) -> Iterator[Hit]:
    """Orders with this number, one a shop."""
    number = int(wanted.lstrip("#"))
    if number > LARGEST_NUMBER:
        return
    query = select(Order.id, Order.tenant_id, Order.number).where(Order.number == number)
    for order in found(query):
        yield hit("console_orders", order, f"#{order.number}")


def by_host(wanted: str) -> Iterator[Hit]:
    """The shop that lives at a host, also when a whole address was pasted."""
    host = wanted.lower().removeprefix("http://").removeprefix("https://")
    host = host.partition("/")[0].partition(":")[0].removesuffix(".")
    slug = host.removesuffix(f".{settings().shops_domain}")
    owner = select(Hostname.tenant_id).where(Hostname.host == host)
    query = select(Tenant.id, Tenant.slug).where(
        Tenant.id != PLATFORM_ID, or_(Tenant.slug == slug, Tenant.id.in_(owner))
    )
    for tenant in found(query):
        yield hit("console_tenants", tenant, tenant.slug)


def by_slug(wanted: str) -> Iterator[Hit]:
    """Shops whose address begins with the text, or whose name holds it."""
    named = select(ShopProfile.tenant_id).where(ShopProfile.name.icontains(wanted, autoescape=True))
    query = select(Tenant.id, Tenant.slug).where(
        Tenant.id != PLATFORM_ID,
        or_(Tenant.slug.istartswith(wanted, autoescape=True), Tenant.id.in_(named)),
    )
    for tenant in found(query.order_by(Tenant.slug)):
        yield hit("console_tenants", tenant, tenant.slug)


def by_reference(wanted: str) -> Iterator[Hit]:
    """What the provider calls a payment or an event."""
    refs = (Payment.intent_ref, Payment.charge_ref, Payment.session_ref)
    payments = select(Payment.id, Payment.tenant_id).where(or_(*(ref == wanted for ref in refs)))
    for payment in found(payments):
        yield hit("console_payments", payment, wanted)
    events = select(ProviderEvent.id, ProviderEvent.tenant_id, ProviderEvent.type)
    for event in found(events.where(ProviderEvent.event_ref == wanted)):
        yield hit("console_events", event, event.type)


def found(query: Any) -> Any:
    """Some rows of all shops, never all of them."""
    return reads.session.execute(query.limit(MOST_OF_A_KIND)).all()


def hit(endpoint: str, row: Any, text: str) -> Hit:
    """A row as a line that leads to its record."""
    view = records(endpoint)
    shop = slug_of(row.tenant_id) if hasattr(row, "tenant_id") else ""
    return Hit(view.name, text, view.record_url(row), shop)
