"""What a new shop still needs; every tick is a fact, none can be clicked."""

from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext

from billing.connections.queries import find_connection
from storefront.catalog.queries import count_samples, has_own_product
from storefront.fulfilment.queries import has_orders
from storefront.pickup.queries import list_points
from tenants.accounts.queries import shop_origin
from tenants.people.rules import Permission


@dataclass(frozen=True)
class Step:
    """One thing to set up, where that is done, and whether it is."""

    label: str
    url: str
    done: bool


def steps() -> list[Step]:
    """The steps in the order in which they make sense; empty for those who may not take them."""
    if not g.member.can(Permission.EDIT_SHOP):
        return []
    profile = g.profile
    return [
        Step(
            gettext("Say who you are"),
            url_for("backoffice.edit_settings"),
            bool(profile.about_en or profile.about_zh),
        ),
        Step(
            gettext("Put a product of your own on sale"),
            url_for("backoffice.new_product"),
            has_own_product(),
        ),
        Step(
            gettext("Set a place and hours for pick-up"),
            url_for("backoffice.list_pickup_points"),
            any(not point.sample for point in list_points()),
        ),
        Step(
            gettext("Choose how you are paid"),
            url_for("backoffice.show_payments"),
            find_connection() is not None,
        ),
        Step(
            gettext("Remove the sample products"),
            url_for("backoffice.list_products"),
            count_samples() == 0,
        ),
        Step(gettext("Place an order yourself, to see it"), shop_origin(g.tenant.id), has_orders()),
    ]


def missing_steps() -> list[Step]:
    """All steps while one is open; nothing once the shop is set up."""
    found = steps()
    return [] if all(step.done for step in found) else found
