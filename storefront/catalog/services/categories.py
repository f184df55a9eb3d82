"""The shelves of a shop."""

from uuid import UUID

from sqlalchemy import func, select

from kernel.db import transaction
from kernel.errors import Conflict
from kernel.text import fingerprint
from storefront.catalog.errors import CategoryInUse, NameMissing
from storefront.catalog.models import Category, Product
from storefront.catalog.queries import get_category, list_categories
from storefront.catalog.rules import Names, make_slug
from tenants.accounts.queries import get_profile
from tenants.audit.services import record

NAMES = ("name_en", "name_zh")


def create_category(*, names: Names, sample: bool = False) -> Category:
    """A new shelf after the others. Refused: without any name."""
    _check(names)
    with transaction() as session:
        get_profile(lock=True)  # one at a time, so that two of one name find two addresses
        taken = {category.slug for category in list_categories()}
        wish = make_slug(names, otherwise="category")
        numbered = (f"{wish}-{number}" for number in range(2, len(taken) + 3))
        slug = wish if wish not in taken else next(s for s in numbered if s not in taken)
        last = session.scalar(select(func.max(Category.position)))
        category = Category(
            slug=slug, name_en=names.en, name_zh=names.zh, position=(last or 0) + 1, sample=sample
        )
        session.add(category)
        session.flush()
        record(action="category.created", subject=str(category.id), slug=slug)
    return category


def rename_category(*, category_id: UUID, names: Names, seen: str = "") -> Category:
    """It is called this; its address stays, so links keep working. Refused: without any name, and
    Conflict when someone has renamed it since `seen` was shown."""
    _check(names)
    with transaction():
        category = get_category(category_id, lock=True)
        if seen and seen != fingerprint(category, NAMES):
            raise Conflict
        category.name_en, category.name_zh = names.en, names.zh
        record(action="category.renamed", subject=str(category_id))
    return category


def move_category(*, category_id: UUID) -> None:
    """It changes places with the shelf before it; the first one stays first."""
    with transaction():
        moved = get_category(category_id)
        shelves = list_categories()
        place = shelves.index(moved)
        shelves.insert(max(0, place - 1), shelves.pop(place))
        for position, category in enumerate(shelves, 1):
            category.position = position
        record(action="category.moved", subject=str(category_id))


def remove_category(*, category_id: UUID) -> None:
    """The shelf is gone. Refused while products stand on it, archived ones too."""
    with transaction() as session:
        category = get_category(category_id, lock=True)
        count = session.scalar(
            select(func.count()).select_from(Product).where(Product.category_id == category_id)
        )
        if count:
            raise CategoryInUse(count=count)
        session.delete(category)
        record(action="category.removed", subject=str(category_id), slug=category.slug)


def _check(names: Names) -> None:
    if not (names.en or names.zh):
        raise NameMissing
