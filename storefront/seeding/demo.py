"""Two demo cooperatives with people, goods, places and orders, and one member of Sheaf's staff.

What is there already is left as it is, so seeding again only adds what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from kernel import clock, jobs
from kernel.db import db, new_id, transaction
from kernel.jobs import DueJob, Job
from kernel.scope import acting_for
from kernel.settings import settings
from storefront.catalog.models import Product
from storefront.orders.models import Order
from storefront.pickup.services import create_point
from storefront.seeding.connecting import connect_to_sandbox
from storefront.seeding.greenfield import GREENFIELD
from storefront.seeding.hillside import HILLSIDE
from storefront.seeding.selling import sell
from storefront.seeding.shops import DemoPerson, DemoShop
from storefront.seeding.stocking import (
    Priced,
    hang_pictures,
    put_on_shelves,
    store_drawing,
)
from tenants.accounts.queries import find_tenant_by_slug, get_profile
from tenants.accounts.services import (
    ShopWords,
    change_look,
    change_picture,
    change_words,
    note_samples_removed,
    open_shop,
)
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.people.models import Person
from tenants.people.passwords import hash_password
from tenants.people.queries import find_person_by_email
from tenants.people.services import join_shop

PASSWORD = "a walk through the field"  # noqa: S105 - for the demo only, which production refuses
ROUNDS = 20
MAILS = ("storefront.notices.", "tenants.mail.")
SHOPS = (GREENFIELD, HILLSIDE)


@dataclass(frozen=True)
class Seeded:
    """A demo cooperative that is there now."""

    tenant_id: UUID
    shop: DemoShop


class OnlyForDevelopment(RuntimeError):
    """Known passwords have no place in production."""


def seed_demo() -> list[Seeded]:
    """Both cooperatives are there with everything in them. Refused in production."""
    if settings().production:
        raise OnlyForDevelopment("The demo has known passwords; production refuses it.")
    hashed = hash_password(PASSWORD)
    return [_seed(shop, hashed) for shop in SHOPS]


def _seed(demo: DemoShop, hashed: str) -> Seeded:
    owner, *others = (_person(person, hashed) for person in demo.people)
    found = find_tenant_by_slug(demo.shop.slug)
    tenant_id = found.id if found is not None else new_id()
    with acting_for(tenant_id):
        with acting_as(Actor(ActorKind.PERSON, owner.id, owner.name)):
            if found is None:
                _open(demo, owner.id, tenant_id)
            for person, member in zip(others, demo.people[1:], strict=True):
                join_shop(person_id=person.id, role=member.role)
            products = _furnish(demo)
            connect_to_sandbox(demo.country, owner.email)
        packer = others[-1]
        _sell(demo, products, Actor(ActorKind.PERSON, packer.id, packer.name))
        do_due_jobs(tenant_id)
    return Seeded(tenant_id, demo)


def _person(person: DemoPerson, hashed: str) -> Person:
    known = find_person_by_email(person.email)
    if known is not None:
        return known
    with transaction() as session:
        made = Person(
            email=person.email, name=person.name, password_hash=hashed, language=person.language
        )
        session.add(made)
    return made


def _open(demo: DemoShop, owner_id: UUID, tenant_id: UUID) -> None:
    """With its goods in the same transaction, so that no job takes it for an empty shop."""
    with transaction():
        open_shop(shop=demo.shop, owner_id=owner_id, tenant_id=tenant_id)
        change_words(
            ShopWords(
                name=demo.shop.name,
                about_en=demo.about.en,
                about_zh=demo.about.zh,
                contact_email=demo.people[0].email,
                contact_phone=demo.phone,
            )
        )
        change_look(demo.look)
        put_on_shelves(
            [Priced(good, good.price) for good in demo.goods], demo.shelves, sample=False
        )
        note_samples_removed()
        for facts in demo.points:
            create_point(facts=facts)


def _furnish(demo: DemoShop) -> list[Product]:
    """Every product has its picture, and the shop a logo and a cover."""
    known = {product.name_en: product for product in _products()}
    products = [known[good.names.en] for good in demo.goods if good.names.en in known]
    bare = [
        (product, good.picture)
        for product, good in zip(products, demo.goods, strict=True)
        if not product.photos
    ]
    pictures = [store_drawing(name) for _product, name in bare]
    hang_pictures([product for product, _name in bare], pictures)
    for kind in ("logo", "cover"):
        if getattr(get_profile(), f"{kind}_id") is None:
            change_picture(kind, media_id=store_drawing(f"{kind}-{demo.shop.slug}"))
    return products


def _products() -> Sequence[Product]:
    query = select(Product).options(selectinload(Product.photos))
    return db.session.scalars(query).all()


def _sell(demo: DemoShop, products: Sequence[Product], by: Actor) -> None:
    if db.session.scalar(select(func.count()).select_from(Order)):
        return
    for number, order in enumerate(demo.orders):
        sell(order, products, number=number, by=by)


def do_due_jobs(tenant_id: UUID) -> None:
    """What the worker would do now is done: payments are metered and refunds settled. Writing and
    sending mails is left to the worker."""
    for _round in range(ROUNDS):
        query = (
            select(Job.id)
            .join(DueJob, DueJob.id == Job.id)
            .where(DueJob.due_at <= clock.now(), *(~Job.name.startswith(room) for room in MAILS))
        )
        due = list(db.session.scalars(query))
        for job_id in due:
            jobs.run(tenant_id=tenant_id, job_id=job_id)
        if not due:
            return
