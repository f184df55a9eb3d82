"""The names of shops, as they look."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class ShopName(Base):
    """Which shop has a name. Platform-wide: a name must differ from every other shop's.

    `look` is the skeleton of the name (rules.look_of), so two names that look alike are one.
    """

    __tablename__ = "shop_names"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), unique=True)
    look: Mapped[str] = mapped_column(unique=True)
