"""A cooperative gets its shop."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kernel import clock
from kernel.db import db, new_id, transaction
from kernel.money import EXPONENTS
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.errors import ShopNeedsName, SlugTaken, UnknownCurrency
from tenants.accounts.models import ShopProfile, Tenant
from tenants.accounts.rules import LANGUAGES, numbered, slug_problem
from tenants.audit.services import record
from tenants.names.services import check_shop_name, claim_shop_name
from tenants.people.rules import Role
from tenants.people.services.members import join_shop

MAX_NAME = 120


@dataclass(frozen=True)
class NewShop:
    """What is asked before a shop opens; the first language is the one most shoppers read."""

    name: str
    slug: str
    currency: str
    time_zone: str
    languages: list[str]


def open_shop(*, shop: NewShop, owner_id: UUID, tenant_id: UUID | None = None) -> UUID:
    """The shop answers at its address and the person owns it; returns its tenant.

    Refused: an address or a name that cannot be one or belongs to another shop. `tenant_id` is a
    new id that the caller already acts for, when more belongs into the same transaction.
    """
    check_shop(shop)
    opened = tenant_id or new_id()
    with acting_for(opened), transaction() as session:
        taken = insert(Tenant).values(id=opened, slug=shop.slug).on_conflict_do_nothing()
        if session.scalars(taken.returning(Tenant.id)).one_or_none() is None:
            raise SlugTaken(free=find_free_slug(shop.slug))
        session.flush()
        claim_shop_name(shop.name, field="shop_name")
        session.add(
            ShopProfile(
                name=shop.name.strip(),
                currency=shop.currency,
                time_zone=shop.time_zone,
                languages=shop.languages or list(LANGUAGES),
                sample_data=True,
                opened_at=clock.now(),
            )
        )
        join_shop(person_id=owner_id, role=Role.OWNER)
        record(action="shop.opened", subject=str(opened), slug=shop.slug)
        announce("shop.opened")
    return opened


def check_shop(shop: NewShop) -> None:
    """Refuse a shop that could not open, whoever asks first."""
    problem = slug_problem(shop.slug)
    if problem is not None:
        raise problem
    if not 0 < len(shop.name.strip()) <= MAX_NAME:
        raise ShopNeedsName(field="shop_name")
    check_shop_name(shop.name, field="shop_name")
    if shop.currency not in EXPONENTS:
        raise UnknownCurrency


def is_taken(slug: str) -> bool:
    """Whether a shop has this address, open or not."""
    query = select(Tenant.id).where(Tenant.slug == slug)
    return db.session.scalars(query).one_or_none() is not None


def find_free_slug(slug: str) -> str:
    """The address itself if it is free, else the first number behind it that is."""
    tries = [slug, *(numbered(slug, number) for number in range(2, 100))]
    taken = set(db.session.scalars(select(Tenant.slug).where(Tenant.slug.in_(tries))))
    return next((found for found in tries if found not in taken), "")
