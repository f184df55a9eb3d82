"""Face: the shop that shoppers see, on its own host. Every page works without scripts."""

from importlib import import_module

from flask import Blueprint

shop = Blueprint("shop", __name__, template_folder="templates")

# Each adds its pages to the blueprint, so it can only be read after it.
for pages in ("visitor", "frame", "browse", "cart", "orders", "checkout", "account", "files"):
    import_module(f"{__name__}.{pages}")
