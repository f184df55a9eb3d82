"""What every page of the back office shows around its content."""

from dataclasses import dataclass

from flask import current_app, g, url_for
from flask_babel import gettext

from admin.backoffice import backoffice
from kernel.errors import N_
from storefront.fulfilment.queries import count_queues
from storefront.fulfilment.rules import Queue
from tenants.accounts.queries import shop_origin
from tenants.people.rules import Permission


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    key: str
    endpoint: str
    words: str
    icon: str
    permission: Permission


PLACES = (
    Place("today", "show_today", N_("Today"), "home", Permission.SEE_ORDERS),
    Place("orders", "list_orders", N_("Orders"), "receipt", Permission.SEE_ORDERS),
    Place("hand-over", "hand_over", N_("Hand over"), "hand", Permission.PACK_ORDERS),
    Place("products", "list_products", N_("Products"), "basket", Permission.EDIT_STOCK),
    Place("pickup", "list_pickup_points", N_("Pick-up points"), "pin", Permission.EDIT_PICKUP),
    Place("payments", "show_payments", N_("Payments"), "card", Permission.EDIT_PAYMENTS),
    Place("fees", "show_fees", N_("Fees"), "coins", Permission.SEE_FEES),
    Place("people", "list_people", N_("People"), "people", Permission.MANAGE_PEOPLE),
    Place("audit", "list_audit", N_("History"), "clock", Permission.SEE_AUDIT),
    Place("settings", "edit_settings", N_("Settings"), "settings", Permission.EDIT_SHOP),
)


@dataclass(frozen=True)
class Link:
    """A place as the layout wants it."""

    key: str
    label: str
    url: str
    icon: str
    count: int | None


@dataclass(frozen=True)
class OfficeShop:
    """The shop as its own people see it."""

    name: str
    slug: str
    url: str
    currency: str
    languages: list[str]
    state: str


@backoffice.context_processor
def around_the_page() -> dict[str, object]:
    """Shop, person, rights and navigation; nothing before the guard let the person in."""
    member = g.get("member")
    if member is None:
        return {}
    queues = queue_counts()
    counts = {"orders": queues[Queue.TO_PREPARE] + queues[Queue.TO_PAY]}
    return {
        "shop": _shop(),
        "person": member,
        "role": member.role.value,
        "can": member.can,
        "factor_due": g.get("factor_due"),
        "Permission": Permission,
        "nav": _links(counts),
        "nav_counts": counts,
    }


def queue_counts() -> dict[Queue, int]:
    """How many orders wait where, asked once per page."""
    if "queue_counts" not in g:
        g.queue_counts = count_queues()
    found: dict[Queue, int] = g.queue_counts
    return found


def _shop() -> OfficeShop:
    profile, tenant = g.profile, g.tenant
    return OfficeShop(
        name=profile.name,
        slug=tenant.slug,
        url=shop_origin(tenant.id) + "/",
        currency=profile.currency,
        languages=profile.languages,
        state=tenant.state.value,
    )


def _links(counts: dict[str, int]) -> list[Link]:
    return [
        Link(
            place.key,
            gettext(place.words),
            url_for(f"backoffice.{place.endpoint}"),
            place.icon,
            counts.get(place.key),
        )
        for place in PLACES
        if g.member.can(place.permission)
        and f"backoffice.{place.endpoint}" in current_app.view_functions
    ]
