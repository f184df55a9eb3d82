"""Shops open, change, and are suspended, resumed or closed."""

from tenants.accounts.services.opening import (
    NewShop,
    check_shop,
    find_free_slug,
    is_taken,
    open_shop,
)
from tenants.accounts.services.profile import (
    ShopLook,
    ShopPlace,
    ShopWords,
    change_look,
    change_picture,
    change_place,
    change_words,
    note_samples_removed,
)
from tenants.accounts.services.states import (
    Preview,
    close_tenant,
    preview_state,
    resume_tenant,
    suspend_tenant,
)

__all__ = [
    "NewShop",
    "Preview",
    "ShopLook",
    "ShopPlace",
    "ShopWords",
    "change_look",
    "change_picture",
    "change_place",
    "change_words",
    "check_shop",
    "close_tenant",
    "find_free_slug",
    "is_taken",
    "note_samples_removed",
    "open_shop",
    "preview_state",
    "resume_tenant",
    "suspend_tenant",
]
