"""Makers of what a shop sells and where it is collected."""

from datetime import time
from uuid import UUID

from kernel.money import Money
from kernel.quantity import Unit, parse_quantity
from kernel.scope import acting_for
from storefront.catalog.models import Category, Product
from storefront.catalog.queries import get_own_product
from storefront.catalog.rules import Names, ProductFacts
from storefront.catalog.services import create_category, create_product, publish_product
from storefront.pickup.models import PickupPoint
from storefront.pickup.services import PointFacts, create_point
from tenants.accounts.models import Tenant

EVERY_DAY = {weekday: (time(9), time(18)) for weekday in range(7)}


def make_category(tenant: Tenant, name_en: str = "Fruit", name_zh: str = "水果") -> Category:
    with acting_for(tenant.id):
        return create_category(names=Names(name_en, name_zh))


def make_product(
    tenant: Tenant,
    name_en: str = "Carrots",
    name_zh: str = "胡萝卜",
    *,
    price: Money | int = 350,
    unit: Unit = Unit.KG,
    stock: str = "100",
    step: str = "",
    category: Category | None = None,
    grower: str = "",
    published: bool = True,
) -> Product:
    """On sale unless said otherwise. `stock` and `step` are decimals in the unit."""
    counted = unit in (Unit.EACH, Unit.BOX)
    facts = ProductFacts(
        names=Names(name_en, name_zh),
        unit=unit,
        price_minor=price.minor if isinstance(price, Money) else price,
        step_milli=parse_quantity(step or ("1" if counted else "0.25")),
        grower=grower,
        category_id=category.id if category else None,
    )
    with acting_for(tenant.id):
        product = create_product(facts=facts, stock_milli=parse_quantity(stock))
        return publish_product(product_id=product.id) if published else product


def make_pickup_point(
    tenant: Tenant,
    name_en: str = "Farm gate",
    name_zh: str = "农场门口",
    *,
    hours: dict[int, tuple[time, time]] | None = None,
    lead_hours: int = 0,
) -> PickupPoint:
    """Open every day from nine to six, so tomorrow can always be chosen."""
    facts = PointFacts(
        names=Names(name_en, name_zh),
        address="Field lane 1",
        hours=EVERY_DAY if hours is None else hours,
        lead_hours=lead_hours,
    )
    with acting_for(tenant.id):
        return create_point(facts=facts)


def stock_left(tenant: Tenant, product_id: UUID) -> int:
    """Thousandths that can still be sold, read from the database."""
    with acting_for(tenant.id):
        return get_own_product(product_id).stock_milli
