"""What a cooperative sells, how much of it is left, and what is set aside for whom."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.quantity import Unit
from kernel.scope import TenantOwned, refers_to, related, tenant_key
from storefront.catalog.rules import Names

# Compared byte by byte, so the order is the same on every server.
SORT_KEY = Text(collation="C")


class ProductState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class HoldState(StrEnum):
    HELD = "held"
    RELEASED = "released"
    SOLD = "sold"


class Category(TenantOwned, Base):
    """A shelf of the shop. At least one of its names is filled."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("name_en <> '' OR name_zh <> ''", name="named"),
    )

    slug: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    name_zh: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    sample: Mapped[bool] = mapped_column(default=False)

    def name_in(self, language: str) -> str:
        """Its name in "zh" or "en", or in the other language while that one is missing."""
        return (
            (self.name_zh or self.name_en) if language == "zh" else (self.name_en or self.name_zh)
        )


class Product(TenantOwned, Base):
    """Something for sale by weight, volume or piece; the price is per whole unit, in the shop's
    currency. `stock_milli` is what can still be sold: what is held or sold has left it already."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        tenant_key("category_id", "categories"),
        CheckConstraint("name_en <> '' OR name_zh <> ''", name="named"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("step_milli > 0", name="step"),
        CheckConstraint("stock_milli >= 0", name="stock"),
        Index(None, "tenant_id", "category_id"),
    )

    slug: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    name_zh: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    description_zh: Mapped[str] = mapped_column(default="")
    grower: Mapped[str] = mapped_column(default="")
    unit: Mapped[Unit]
    price_minor: Mapped[int]
    step_milli: Mapped[int] = mapped_column(default=1000)
    stock_milli: Mapped[int] = mapped_column(default=0)
    category_id: Mapped[UUID | None]
    published_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    sort_en: Mapped[str] = mapped_column(SORT_KEY)
    sort_zh: Mapped[str] = mapped_column(SORT_KEY)
    # Lexemes made by rules.search_terms. No GIN index: under row level security `@@` is not
    # leakproof and never becomes an index condition, so the tenant's key does the narrowing
    # (2,000 products of one shop among 100,000: 0.7 ms).
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)

    category: Mapped[Category | None] = refers_to("Category")
    photos: Mapped[list["ProductPhoto"]] = related(
        "ProductPhoto", order_by="ProductPhoto.position", cascade="all, delete-orphan"
    )

    def name_in(self, language: str) -> str:
        """Its name in "zh" or "en", or in the other language while that one is missing."""
        return (
            (self.name_zh or self.name_en) if language == "zh" else (self.name_en or self.name_zh)
        )

    def description_in(self, language: str) -> str:
        """Its Markdown description in "zh" or "en", or in the other language."""
        return Names(self.description_en, self.description_zh).in_language(language)

    @property
    def state(self) -> ProductState:
        if self.archived_at is not None:
            return ProductState.ARCHIVED
        return ProductState.DRAFT if self.published_at is None else ProductState.PUBLISHED

    @property
    def sold_out(self) -> bool:
        """Whether not even one step of it is left."""
        return self.stock_milli < self.step_milli


class ProductPhoto(TenantOwned, Base):
    """A picture of a product; the one with the lowest position stands on the card."""

    __tablename__ = "product_photos"
    __table_args__ = (
        tenant_key("product_id", "products"),
        tenant_key("media_id", "media_files"),
        Index(None, "tenant_id", "product_id"),
    )

    product_id: Mapped[UUID]
    media_id: Mapped[UUID]
    alt: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class StockHold(TenantOwned, Base):
    """A quantity taken out of a product's stock for one reference, an order's id.

    At every moment: what was put in stock = left + held + sold.
    """

    __tablename__ = "stock_holds"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference", "product_id"),
        tenant_key("product_id", "products"),
        CheckConstraint("quantity_milli > 0", name="quantity"),
        Index(None, "tenant_id", "product_id"),
    )

    reference: Mapped[UUID]
    product_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    state: Mapped[HoldState] = mapped_column(default=HoldState.HELD)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
