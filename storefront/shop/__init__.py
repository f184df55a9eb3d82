"""Face: the shop that shoppers see, on its own host. Every page works without scripts."""

from flask import Blueprint

shop = Blueprint("shop", __name__, template_folder="templates")

from storefront.shop import (  # noqa: E402 - they need the blueprint
    account,
    browse,
    cart,
    checkout,
    files,
    frame,
    orders,
    visitor,
)

__all__ = ["account", "browse", "cart", "checkout", "files", "frame", "orders", "shop", "visitor"]
