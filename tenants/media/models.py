"""Pictures a shop has uploaded."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class MediaFile(TenantOwned, Base):
    """A picture, re-encoded by us in three widths; the files lie under the tenant's own key."""

    __tablename__ = "media_files"

    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    stored_bytes: Mapped[int]
    alt: Mapped[str] = mapped_column(default="")
    uploaded_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
