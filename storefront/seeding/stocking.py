"""Putting goods with their pictures into the shop acted for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from kernel.db import transaction
from kernel.quantity import MILLI
from kernel.settings import ROOT
from storefront.catalog.models import Product
from storefront.catalog.queries import count_products
from storefront.catalog.rules import Names, ProductFacts
from storefront.catalog.services import (
    attach_photo,
    create_category,
    create_product,
    publish_product,
)
from storefront.seeding.goods import Good
from tenants.media.services import Shrunk, keep_picture, shrink

PICTURES = ROOT / "storefront/shop/samples"


@dataclass(frozen=True)
class Priced:
    """A good with its price in minor units of the shop's currency."""

    good: Good
    price_minor: int


def store_drawing(name: str) -> UUID:
    """One of our drawings is a picture of the shop acted for; outside transaction()."""
    return keep_picture(_drawing(name)).id


@cache
def _drawing(name: str) -> Shrunk:
    with (PICTURES / f"{name}.webp").open("rb") as drawing:
        return shrink(drawing)


def is_empty() -> bool:
    """Whether the shop acted for has never had a product."""
    return sum(count_products().values()) == 0


def put_on_shelves(
    goods: Iterable[Priced], shelves: Mapping[str, Names], *, sample: bool
) -> list[Product]:
    """Categories and products, in the shop at once unless the good says otherwise."""
    with transaction():
        chosen = list(goods)
        used = {priced.good.shelf for priced in chosen}
        ids = {
            key: create_category(names=names, sample=sample).id
            for key, names in shelves.items()
            if key in used
        }
        return [_product(priced, ids[priced.good.shelf], sample=sample) for priced in chosen]


def _product(priced: Priced, category_id: UUID, *, sample: bool) -> Product:
    good = priced.good
    facts = ProductFacts(
        names=good.names,
        descriptions=good.texts,
        grower=good.grower,
        unit=good.unit,
        price_minor=priced.price_minor,
        step_milli=good.step_milli,
        category_id=category_id,
    )
    product = create_product(facts=facts, stock_milli=good.stock * MILLI, sample=sample)
    return publish_product(product_id=product.id) if good.published else product


def hang_pictures(products: Iterable[Product], pictures: Iterable[UUID]) -> None:
    """Each product has its picture, described by its own name."""
    with transaction():
        for product, media_id in zip(products, pictures, strict=True):
            attach_photo(product_id=product.id, media_id=media_id)
