"""Reading cooperatives and shops."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import db, for_update
from kernel.scope import PLATFORM_ID, current_tenant_id
from kernel.settings import settings
from tenants.accounts.errors import TenantNotFound
from tenants.accounts.models import Hostname, ShopProfile, Tenant, TenantState


def get_tenant(tenant_id: UUID, *, lock: bool = False) -> Tenant:
    """The cooperative, or TenantNotFound."""
    query = select(Tenant).where(Tenant.id == tenant_id)
    tenant = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if tenant is None:
        raise TenantNotFound
    return tenant


def shop_state() -> TenantState:
    """How the shop acted for stands now; read afresh, not from what the session remembers."""
    query = select(Tenant.state).where(Tenant.id == current_tenant_id())
    return db.session.scalars(query).one()


def is_selling() -> bool:
    """Whether orders and payments may begin in the shop acted for, and its own words leave it."""
    return shop_state() is TenantState.ACTIVE


def find_tenant_by_slug(slug: str) -> Tenant | None:
    """The cooperative whose shop has this address, open or not."""
    query = select(Tenant).where(Tenant.slug == slug, Tenant.id != PLATFORM_ID)
    return db.session.scalars(query).one_or_none()


def list_tenants() -> list[Tenant]:
    """Every cooperative in any state, and Sheaf itself, oldest first."""
    return list(db.session.scalars(select(Tenant).order_by(Tenant.id)))


def find_profile() -> ShopProfile | None:
    """The profile of the shop acted for; tenant zero has none."""
    return db.session.scalars(select(ShopProfile)).one_or_none()


def get_profile(*, lock: bool = False) -> ShopProfile:
    """The profile of the shop acted for."""
    query = select(ShopProfile)
    return db.session.scalars(for_update(query) if lock else query).one()


def read_currency(*, keep: bool = False) -> str:
    """The shop's currency as it is in the database now. With `keep` nobody changes it before this
    transaction ends; others who keep it do not wait for each other."""
    query = select(ShopProfile.currency)
    return db.session.scalars(for_update(query, share=True) if keep else query).one()


def shop_origin(tenant_id: UUID) -> str:
    """The address of a shop: its own verified host if it has one, else its slug's."""
    own = select(Hostname.host).where(
        Hostname.tenant_id == tenant_id, Hostname.verified_at.is_not(None)
    )
    host = db.session.scalars(own.limit(1)).one_or_none()
    slug = get_tenant(tenant_id).slug
    return settings().origin(host or f"{slug}.{settings().shops_domain}")
