"""Who may do what in a shop, and what a good password is."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from tenants.accounts.models import TenantState


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


# What is left to do in a shop that does not sell: hand over, give back, look, export.
WHILE_STOPPED = frozenset(
    {
        Permission.SEE_ORDERS,
        Permission.PACK_ORDERS,
        Permission.TAKE_PAYMENT,
        Permission.CANCEL_ORDERS,
        Permission.REFUND_ORDERS,
        Permission.SEE_FEES,
        Permission.SEE_AUDIT,
    }
)


def may_now(role: Role, permission: Permission, state: TenantState) -> bool:
    """Whether a role carries a permission while the shop is in this state: a suspended shop is
    only wound up, a closed one only by its owners."""
    if state is TenantState.ACTIVE:
        return may(role, permission)
    if state is TenantState.CLOSED and role is not Role.OWNER:
        return False
    return may(role, permission) and permission in WHILE_STOPPED


def may(role: Role, permission: Permission) -> bool:
    """Whether a role carries a permission."""
    return permission in PERMISSIONS[role]
