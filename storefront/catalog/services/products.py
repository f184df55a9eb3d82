"""Products are described, priced, put on sale and taken off it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.db import transaction
from kernel.errors import Conflict
from storefront.catalog.models import Product, ProductState
from storefront.catalog.queries import get_category, get_own_product
from storefront.catalog.rules import (
    ProductFacts,
    check_facts,
    check_price,
    make_slug,
    search_terms,
    sort_key,
)
from storefront.catalog.services.stock import change_stock
from tenants.accounts.queries import get_profile
from tenants.accounts.rich_text import tidy_markdown
from tenants.audit.services import record

MOVED = {
    ProductState.PUBLISHED: "product.published",
    ProductState.DRAFT: "product.unpublished",
    ProductState.ARCHIVED: "product.archived",
}


@dataclass(frozen=True)
class Count:
    """Stock that a person counted, and what the shop said when they did."""

    seen_milli: int
    stock_milli: int


def create_product(*, facts: ProductFacts, stock_milli: int = 0, sample: bool = False) -> Product:
    """A new draft at an address made of its name. Refused: what check_facts says."""
    check_facts(facts)
    with transaction() as session:
        get_profile(lock=True)  # one at a time, so that two of one name find two addresses
        product = Product(
            slug=_free_slug(session, facts), stock_milli=stock_milli, sample=sample, photos=[]
        )
        _describe(product, facts)
        session.add(product)
        session.flush()
        record(action="product.created", subject=str(product.id), slug=product.slug)
    return product


def edit_product(
    *, product_id: UUID, version: int, facts: ProductFacts, count: Count | None = None
) -> Product:
    """The product is as described, and its stock as counted; its address and pictures stay.

    Refused: what check_facts says, Conflict when someone has changed it since that version, and
    StockChanged when the count was made before a sale; a count that says nothing new is left out.
    """
    check_facts(facts)
    with transaction():
        product = _locked(product_id, version)
        if count is not None and count.seen_milli != count.stock_milli:
            change_stock(
                product_id=product_id, seen_milli=count.seen_milli, stock_milli=count.stock_milli
            )
        price = product.price_minor
        _describe(product, facts)
        record(
            action="product.edited",
            subject=str(product.id),
            price_before=price,
            price_after=product.price_minor,
        )
    return product


def change_price(*, product_id: UUID, version: int, price_minor: int) -> Product:
    """The price per whole unit is this from now on; orders keep theirs.

    Refused: a price that no one could pay, and Conflict as for edit_product.
    """
    check_price(price_minor)
    with transaction():
        product = _locked(product_id, version)
        record(
            action="product.priced",
            subject=str(product.id),
            price_before=product.price_minor,
            price_after=price_minor,
        )
        product.price_minor = price_minor
    return product


def publish_product(*, product_id: UUID) -> Product:
    """Shoppers see it and can buy it, out of the archive too."""
    return _move(product_id, ProductState.PUBLISHED)


def unpublish_product(*, product_id: UUID) -> Product:
    """A draft again: shoppers no longer see it; orders keep what they bought."""
    return _move(product_id, ProductState.DRAFT)


def archive_product(*, product_id: UUID) -> Product:
    """Out of the way of everyone, and kept for the orders that name it."""
    return _move(product_id, ProductState.ARCHIVED)


def _move(product_id: UUID, state: ProductState) -> Product:
    with transaction():
        product = get_own_product(product_id, lock=True)
        if product.state is state:
            return product
        now = clock.now()
        product.published_at = now if state is ProductState.PUBLISHED else None
        product.archived_at = now if state is ProductState.ARCHIVED else None
        product.version += 1
        product.updated_at = now
        record(action=MOVED[state], subject=str(product.id))
    return product


def _locked(product_id: UUID, version: int) -> Product:
    product = get_own_product(product_id, lock=True)
    if product.version != version:
        raise Conflict
    product.version += 1
    product.updated_at = clock.now()
    product.sample = False  # someone has made it the shop's own
    return product


def _describe(product: Product, facts: ProductFacts) -> None:
    if facts.category_id is not None:
        get_category(facts.category_id)
    names = facts.names
    product.name_en, product.name_zh = names.en, names.zh
    product.description_en = tidy_markdown(facts.descriptions.en)
    product.description_zh = tidy_markdown(facts.descriptions.zh)
    product.grower, product.unit = facts.grower, facts.unit
    product.price_minor, product.step_milli = facts.price_minor, facts.step_milli
    product.category_id = facts.category_id
    product.sort_en = sort_key(names.in_language("en"))
    product.sort_zh = sort_key(names.in_language("zh"))
    product.search = search_terms([names.en, names.zh, facts.grower])


def _free_slug(session: Session, facts: ProductFacts) -> str:
    wish = make_slug(facts.names, otherwise="product")
    taken = set(session.scalars(select(Product.slug).where(Product.slug.startswith(wish))))
    if wish not in taken:
        return wish
    return next(
        slug for number in range(2, len(taken) + 3) if (slug := f"{wish}-{number}") not in taken
    )
