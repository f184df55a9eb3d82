"""A visitor's cart, found by the browser's session."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned, refers_to, related, tenant_key
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
    """A product and how much of it, at the price that was seen last."""

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
    product: Mapped[Product] = refers_to("Product")
