"""Reading the catalogue: what shoppers see, and what the cooperative's people see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import joinedload, selectinload

from kernel.db import db, for_update
from kernel.paging import PAGE_SIZE, Page, paginate
from storefront.catalog.errors import CategoryNotFound, ProductNotFound
from storefront.catalog.models import Category, Product, ProductState
from storefront.catalog.rules import search_query

ProductQuery = Select[Product]
ON_SALE = (Product.published_at.is_not(None), Product.archived_at.is_(None))
STATES = {
    ProductState.DRAFT: (Product.published_at.is_(None), Product.archived_at.is_(None)),
    ProductState.PUBLISHED: ON_SALE,
    ProductState.ARCHIVED: (Product.archived_at.is_not(None),),
}


@dataclass(frozen=True)
class Wanted:
    """What a list of products is narrowed to and how its names are sorted."""

    search: str = ""
    category_slug: str = ""
    language: str = "en"
    page: int = 1
    size: int = PAGE_SIZE


def list_products(
    *,
    category_slug: str | None = None,
    search: str = "",
    language: str = "en",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[Product]:
    """A page of what is on sale, sold out or not, by name in that language. Three statements and
    one for the pictures, however many products there are."""
    wanted = Wanted(search, category_slug or "", language, page, size)
    return _page(select(Product).where(*ON_SALE), wanted)


def list_addresses(*, most: int) -> list[tuple[str, datetime]]:
    """The slugs of what is on sale and when each was last changed; no product is loaded."""
    query = select(Product.slug, Product.updated_at).where(*ON_SALE).order_by(Product.id)
    return [(slug, changed) for slug, changed in db.session.execute(query.limit(most))]


def list_products_in(state: ProductState, wanted: Wanted) -> Page[Product]:
    """A page of the shop's own products in one state, for its people."""
    return _page(select(Product).where(*STATES[state]), wanted)


def count_products() -> dict[ProductState, int]:
    """How many products there are in each state."""
    archived = func.count().filter(*STATES[ProductState.ARCHIVED])
    published = func.count().filter(*STATES[ProductState.PUBLISHED])
    draft = func.count().filter(*STATES[ProductState.DRAFT])
    row = db.session.execute(select(draft, published, archived).select_from(Product)).one()
    return dict(zip(ProductState, row, strict=True))


def count_samples() -> int:
    """How many products of a new shop's first day are still there untouched."""
    query = select(func.count()).select_from(Product)
    return db.session.scalar(query.where(Product.sample, Product.archived_at.is_(None))) or 0


def count_sold_out() -> int:
    """How many products on sale have less left than anyone could order."""
    query = select(func.count()).select_from(Product)
    return db.session.scalar(query.where(*ON_SALE, Product.stock_milli < Product.step_milli)) or 0


def has_own_product() -> bool:
    """Whether something of the shop's own is on sale, samples not counted."""
    query = select(Product.id).where(*ON_SALE, Product.sample.is_(False)).limit(1)
    return db.session.scalars(query).first() is not None


def get_product(slug: str) -> Product:
    """A product on sale with its pictures and category, or ProductNotFound."""
    query = _with_pictures(select(Product).where(Product.slug == slug, *ON_SALE))
    return _one(query)


def get_own_product(product_id: UUID, *, lock: bool = False) -> Product:
    """A product in any state with its pictures, or ProductNotFound; for the shop's people."""
    query = _with_pictures(select(Product).where(Product.id == product_id))
    return _one(for_update(query, of=Product) if lock else query)


def products_by_id(product_ids: Iterable[UUID]) -> dict[UUID, Product]:
    """These products in whatever state, with their pictures; unknown ids are left out."""
    query = _with_pictures(select(Product).where(Product.id.in_(list(product_ids))))
    return {product.id: product for product in db.session.scalars(query)}


def list_categories(*, on_sale_only: bool = False) -> list[Category]:
    """The shelves in their order; on request only those with something on sale."""
    query = select(Category).order_by(Category.position, Category.id)
    if on_sale_only:
        filled = select(Product.id).where(Product.category_id == Category.id, *ON_SALE)
        query = query.where(filled.exists())
    return list(db.session.scalars(query))


def count_by_category() -> dict[UUID, int]:
    """How many products that are not archived each category holds."""
    query = (
        select(Product.category_id, func.count())
        .where(Product.category_id.is_not(None), Product.archived_at.is_(None))
        .group_by(Product.category_id)
    )
    return {found: count for found, count in db.session.execute(query) if found is not None}


def find_category(slug: str) -> Category | None:
    """The shelf with this address, if there is one."""
    return db.session.scalars(select(Category).where(Category.slug == slug)).one_or_none()


def get_category(category_id: UUID, *, lock: bool = False) -> Category:
    """The shelf, or CategoryNotFound."""
    query = select(Category).where(Category.id == category_id)
    found = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if found is None:
        raise CategoryNotFound
    return found


def _with_pictures(query: ProductQuery) -> ProductQuery:
    return query.options(selectinload(Product.photos), joinedload(Product.category))


def _one(query: ProductQuery) -> Product:
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise ProductNotFound
    return found


def _page(query: ProductQuery, wanted: Wanted) -> Page[Product]:
    if wanted.search.strip():
        asked = search_query(wanted.search)
        query = query.where(Product.search.op("@@")(cast(asked, TSQUERY)))
    if wanted.category_slug:
        query = query.join(Product.category).where(Category.slug == wanted.category_slug)
    key = Product.sort_zh if wanted.language == "zh" else Product.sort_en
    query = _with_pictures(query).order_by(key, Product.id)
    return paginate(db.session(), query, number=wanted.page, size=wanted.size)
