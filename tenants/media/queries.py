"""Finding pictures and the addresses they are shown under."""

from uuid import UUID

from sqlalchemy import func, select

from kernel.db import db
from kernel.scope import current_tenant_id
from tenants.media.errors import PictureNotFound
from tenants.media.models import MediaFile
from tenants.media.rules import WIDTHS, file_key
from tenants.media.store import find_file


def get_picture(media_id: UUID) -> MediaFile:
    """A picture of the shop acted for, or PictureNotFound."""
    picture = db.session.scalars(select(MediaFile).where(MediaFile.id == media_id)).one_or_none()
    if picture is None:
        raise PictureNotFound
    return picture


def stored_bytes() -> int:
    """How much space the pictures of the shop acted for take."""
    total = select(func.coalesce(func.sum(MediaFile.stored_bytes), 0))
    return int(db.session.scalars(total).one())


def picture_path(media_id: UUID, width: int) -> str:
    """Where one width of a picture of the shop acted for is shown, in shop and back office."""
    assert width in WIDTHS, f"pictures are {WIDTHS} wide"
    return f"/media/{file_key(current_tenant_id(), media_id, width)}"


def picture_srcset(media_id: UUID) -> str:
    """All widths of a picture, for a srcset attribute."""
    return ", ".join(f"{picture_path(media_id, width)} {width}w" for width in WIDTHS)


def read_file(*, tenant_id: UUID, media_id: UUID, width: int) -> bytes | None:
    """One width of a picture, or None; who may see it is the caller's to know."""
    return find_file(file_key(tenant_id, media_id, width)) if width in WIDTHS else None
