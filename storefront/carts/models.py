"""A visitor's cart, found by the browser's session."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.quantity import Unit
from kernel.scope import TenantOwned, refers_to, related, tenant_key
from storefront.carts.rules.lines import Terms
from storefront.catalog.models import Product


class Cart(TenantOwned, Base):
    """One per browser, made on the first thing put in; signing in keeps it."""

    __tablename__ = "carts"
    __table_args__ = (UniqueConstraint("tenant_id", "shopper_session_id"),)

    # No foreign key: a session may be swept away at any time, its cart follows later.
    shopper_session_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    lines: Mapped[list["CartLine"]] = related(
        "CartLine", order_by="CartLine.id", cascade="all, delete-orphan"
    )


class CartLine(TenantOwned, Base):
    """A product and how much of it, on the terms that were shown when its owner last agreed."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        tenant_key("cart_id", "carts"),
        tenant_key("product_id", "products"),
        UniqueConstraint("tenant_id", "cart_id", "product_id"),
        CheckConstraint("quantity_milli > 0", name="some"),
        Index(None, "tenant_id", "product_id"),
    )

    cart_id: Mapped[UUID]
    product_id: Mapped[UUID]
    quantity_milli: Mapped[int]
    seen_price_minor: Mapped[int]
    # Empty on lines that are older than these columns: nothing is known of what was shown.
    seen_name_en: Mapped[str] = mapped_column(default="")
    seen_name_zh: Mapped[str] = mapped_column(default="")
    seen_grower: Mapped[str] = mapped_column(default="")
    seen_unit: Mapped[str] = mapped_column(default="")
    seen_currency: Mapped[str] = mapped_column(default="")
    product: Mapped[Product] = refers_to("Product")

    @property
    def seen(self) -> Terms | None:
        """What was shown of the product, if that is known."""
        if not self.seen_unit:
            return None
        return Terms(
            name_en=self.seen_name_en,
            name_zh=self.seen_name_zh,
            grower=self.seen_grower,
            unit=Unit(self.seen_unit),
            price_minor=self.seen_price_minor,
            currency=self.seen_currency,
        )

    @seen.setter
    def seen(self, terms: Terms) -> None:
        self.seen_name_en, self.seen_name_zh = terms.name_en, terms.name_zh
        self.seen_grower, self.seen_unit = terms.grower, terms.unit.value
        self.seen_price_minor, self.seen_currency = terms.price_minor, terms.currency
