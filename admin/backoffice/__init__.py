"""Face: the back office of one shop, at app.<base>/<slug>/. Views take no slug; it is the guard's.

Each page group is a module here that imports `backoffice` and is imported at the end.
"""

from typing import Any

from flask import Blueprint, g

backoffice = Blueprint("backoffice", __name__, url_prefix="/<slug>", template_folder="templates")


@backoffice.url_value_preprocessor
def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The shop's name in the address is read here and given to no view."""
    g.slug = (values or {}).pop("slug", "")


@backoffice.url_defaults
def give_slug(_endpoint: str, values: dict[str, Any]) -> None:
    """Links between pages stay in the shop they are in."""
    values.setdefault("slug", g.get("slug", ""))


from admin.backoffice import (  # noqa: E402 - they need the blueprint
    audit,
    categories,
    fees,
    hand_over,
    needs,
    order_actions,
    order_sheet,
    orders,
    payments,
    people,
    pickup,
    product_page,
    products,
    settings,
    shell,
    today,
)

__all__ = [
    "audit",
    "backoffice",
    "categories",
    "fees",
    "hand_over",
    "needs",
    "order_actions",
    "order_sheet",
    "orders",
    "payments",
    "people",
    "pickup",
    "product_page",
    "products",
    "settings",
    "shell",
    "today",
]
