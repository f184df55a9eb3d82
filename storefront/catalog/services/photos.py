"""Pictures of a product: taken in, described, put in order and taken away."""

from collections.abc import Iterable
from typing import IO
from uuid import UUID

from kernel import clock
from kernel.db import transaction
from storefront.catalog.errors import PhotoNotFound, TooManyPhotos
from storefront.catalog.models import Product, ProductPhoto
from storefront.catalog.queries import get_own_product
from tenants.audit.services import record
from tenants.media.services import remove_picture, store_picture

MAX_PHOTOS = 8
LONGEST_ALT = 200


def add_photos(*, product_id: UUID, streams: Iterable[IO[bytes]]) -> int:
    """Each file is a picture of the product, after the ones it has; says how many were added.

    Refused: a file that is no picture, or one more than MAX_PHOTOS; those before it are kept.
    """
    added = 0
    for stream in streams:
        _check_room(get_own_product(product_id))
        media = store_picture(stream)
        attach_photo(product_id=product_id, media_id=media.id)
        added += 1
    return added


def attach_photo(*, product_id: UUID, media_id: UUID, alt: str = "") -> ProductPhoto:
    """A stored picture stands last among the product's. Refused beyond MAX_PHOTOS."""
    with transaction():
        product = _change(product_id)
        _check_room(product)
        last = max((photo.position for photo in product.photos), default=0)
        photo = ProductPhoto(media_id=media_id, alt=alt, position=last + 1)
        product.photos.append(photo)
        record(action="photo.added", subject=str(product_id), media_id=media_id)
    return photo


def describe_photo(*, product_id: UUID, photo_id: UUID, alt: str) -> None:
    """Those who cannot see the picture hear this; without it, the product's name."""
    with transaction():
        product = _change(product_id)
        _photo(product, photo_id).alt = alt.strip()[:LONGEST_ALT]
        record(action="photo.described", subject=str(product_id))


def move_photo(*, product_id: UUID, photo_id: UUID) -> None:
    """It changes places with the picture before it; the first one stays first."""
    with transaction():
        product = _change(product_id)
        row = sorted(product.photos, key=lambda photo: photo.position)
        place = row.index(_photo(product, photo_id))
        row.insert(max(0, place - 1), row.pop(place))
        for position, photo in enumerate(row, 1):
            photo.position = position
        record(action="photo.moved", subject=str(product_id))


def remove_photo(*, product_id: UUID, photo_id: UUID) -> None:
    """The picture and its files are gone."""
    with transaction() as session:
        product = _change(product_id)
        photo = _photo(product, photo_id)
        product.photos.remove(photo)
        session.flush()
        remove_picture(media_id=photo.media_id)
        record(action="photo.removed", subject=str(product_id), media_id=photo.media_id)


def _change(product_id: UUID) -> Product:
    product = get_own_product(product_id, lock=True)
    product.updated_at = clock.now()
    return product


def _check_room(product: Product) -> None:
    if len(product.photos) >= MAX_PHOTOS:
        raise TooManyPhotos(most=MAX_PHOTOS)


def _photo(product: Product, photo_id: UUID) -> ProductPhoto:
    found = next((photo for photo in product.photos if photo.id == photo_id), None)
    if found is None:
        raise PhotoNotFound
    return found
