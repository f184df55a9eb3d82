"""What can be done to the catalogue: one file per kind of thing."""

from storefront.catalog.services.categories import (
    NAMES,
    create_category,
    move_category,
    remove_category,
    rename_category,
)
from storefront.catalog.services.photos import (
    MAX_PHOTOS,
    add_photos,
    attach_photo,
    describe_photo,
    move_photo,
    remove_photo,
)
from storefront.catalog.services.products import (
    Count,
    archive_product,
    change_price,
    create_product,
    edit_product,
    publish_product,
    unpublish_product,
)
from storefront.catalog.services.samples import remove_samples
from storefront.catalog.services.stock import (
    change_stock,
    hold_stock,
    release_stock,
    return_stock,
    sell_stock,
)

__all__ = [
    "MAX_PHOTOS",
    "NAMES",
    "Count",
    "add_photos",
    "archive_product",
    "attach_photo",
    "change_price",
    "change_stock",
    "create_category",
    "create_product",
    "describe_photo",
    "edit_product",
    "hold_stock",
    "move_category",
    "move_photo",
    "publish_product",
    "release_stock",
    "remove_category",
    "remove_photo",
    "remove_samples",
    "rename_category",
    "return_stock",
    "sell_stock",
    "unpublish_product",
]  # fmt: skip
