"""Who may do what in a shop, and what a good password is."""

from collections.abc import Set as AbstractSet
from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    PACKER = "packer"


class Permission(StrEnum):
    """One right in a shop's back office."""

    SEE_ORDERS = "see_orders"
    PACK_ORDERS = "pack_orders"
    TAKE_PAYMENT = "take_payment"
    CANCEL_ORDERS = "cancel_orders"
    REFUND_ORDERS = "refund_orders"
    EDIT_PRODUCTS = "edit_products"
    EDIT_STOCK = "edit_stock"
    EDIT_PICKUP = "edit_pickup"
    EDIT_SHOP = "edit_shop"
    EDIT_PAYMENTS = "edit_payments"
    SEE_FEES = "see_fees"
    MANAGE_PEOPLE = "manage_people"
    SEE_AUDIT = "see_audit"


PERMISSIONS: dict[Role, AbstractSet[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - {Permission.EDIT_PAYMENTS, Permission.MANAGE_PEOPLE},
    Role.PACKER: frozenset(
        {
            Permission.SEE_ORDERS,
            Permission.PACK_ORDERS,
            Permission.TAKE_PAYMENT,
            Permission.EDIT_STOCK,
        }
    ),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role carries a permission."""
    return permission in PERMISSIONS[role]
