"""The products a new shop starts with, until it has its own."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from kernel.db import for_update, transaction
from storefront.catalog.models import Category, Product
from storefront.catalog.services.products import archive_product
from tenants.accounts.services import note_samples_removed
from tenants.audit.services import record
from tenants.media.services import remove_picture


def remove_samples() -> int:
    """No sample product is on sale any more; says how many there were. Those that nobody has
    ordered or put in a cart are gone, the others are archived; edited ones are no samples."""
    with transaction() as session:
        query = (
            select(Product)
            .where(Product.sample, Product.archived_at.is_(None))
            .options(selectinload(Product.photos))
            .order_by(Product.id)
        )
        samples = list(session.scalars(for_update(query)))
        for product in samples:
            if not _drop(session, product):
                archive_product(product_id=product.id).category_id = None
        _drop_empty_shelves(session)
        note_samples_removed()
        record(action="samples.removed", count=len(samples))
    return len(samples)


def _drop(session: Session, product: Product) -> bool:
    pictures = [photo.media_id for photo in product.photos]
    try:
        with session.begin_nested():
            session.delete(product)
            session.flush()
    except IntegrityError:
        return False  # an order or a cart names it
    _drop_pictures(pictures)
    return True


def _drop_pictures(media_ids: list[UUID]) -> None:
    for media_id in media_ids:
        remove_picture(media_id=media_id)


def _drop_empty_shelves(session: Session) -> None:
    used = select(Product.id).where(Product.category_id == Category.id)
    for category in session.scalars(select(Category).where(Category.sample, ~used.exists())):
        session.delete(category)
