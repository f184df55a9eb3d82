"""What can be done to the catalogue: one file per kind of thing."""

from storefront.catalog.services.categories import (
    create_category,
    move_category,
    remove_category,
    rename_category,
)
from storefront.catalog.services.products import (
    archive_product,
    change_price,
    create_product,
    edit_product,
    publish_product,
    unpublish_product,
)
from storefront.catalog.services.stock import (
    change_stock,
    hold_stock,
    release_stock,
    return_stock,
    sell_stock,
)

__all__ = [
    "archive_product", "change_price", "change_stock", "create_category", "create_product",
    "edit_product", "hold_stock", "move_category", "publish_product", "release_stock",
    "remove_category", "rename_category", "return_stock", "sell_stock", "unpublish_product",
]  # fmt: skip
