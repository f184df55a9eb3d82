"""Two shops with the same story: once in Greenfield's words, once in the neighbour's.

Whatever an address or a form of Greenfield can name has its twin at Hillside, where every text is
a mark of tests/canaries.py. A table that the story leaves out is filled by column type.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import stripe
from flask import Flask

from billing import gateway
from billing.connections.models import PaymentMethod
from billing.sandbox import PLATFORM_KEY, Sandbox
from billing.webhooks.services import keep_event
from kernel import clock
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from kernel.settings import settings, use
from kernel.vault import sign
from storefront.carts.services import put_in_cart
from storefront.catalog.models import Product
from storefront.catalog.services import add_photos
from storefront.fulfilment.services import mark_collected, mark_ready, take_payment
from storefront.orders.models import Order
from storefront.orders.services import open_payment_page, refund_order
from storefront.pickup.services import close_on
from storefront.shoppers.models import ShopperSignIn
from tenants.accounts.models import Tenant
from tenants.accounts.services import NewShop
from tenants.factors.services.set_up import begin_set_up
from tenants.people.models import Person
from tenants.people.rules import Role
from tenants.people.services.invitations import invite
from tenants.people.services.passwords import PURPOSE, ask_for_reset
from tenants.people.services.sign_ups import Newcomer, start_sign_up
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.sessions.services import (
    open_session,
    open_shopper_session,
    resume_shopper_session,
)
from tenants.staff.services import NewStaff
from tests import canaries
from tests.factories import make_tenant
from tests.factories.billing import make_connection
from tests.factories.orders import check_out, make_cart, make_checkout
from tests.factories.pictures import picture
from tests.factories.staff import make_staff
from tests.factories.storefront import make_category, make_pickup_point, make_product
from tests.factories.tenants import make_member, sign_in_token
from tests.jobs import run_due_jobs
from tests.world.pages import Form
from tests.world.tables import Row, fill_empty_tables, rows_of

FAR = 7000  # the neighbour's order numbers are none of Greenfield's
PEOPLE = {
    "greenfield": {Role.OWNER: "Ana", Role.MANAGER: "Max", Role.PACKER: "Ben"},
    "hillside": {Role.OWNER: "Carol", Role.MANAGER: "Hugo", Role.PACKER: "Hana"},
}


@dataclass
class ShopWorld:
    """One shop with its people, and all its rows as a superuser sees them."""

    tenant: Tenant
    people: dict[Role, Person]
    shopper_token: str
    invitation_id: UUID
    session_id: UUID
    rows: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False)

    def one(self, table: str, column: str = "id", **having: object) -> Any:
        """A value of the first row that has these values."""
        found = [r for r in self.rows[table] if all(r[key] == v for key, v in having.items())]
        assert found, f"the world has no row of {table} with {having}"
        return found[0][column]


@dataclass
class World:
    """Both shops, and one of Sheaf's own people."""

    greenfield: ShopWorld
    hillside: ShopWorld
    staff: NewStaff
    sandbox: Sandbox
    staff_session_id: UUID
    sign_up_token: str
    reset_token: str = ""
    forms: dict[str, Form] = field(default_factory=dict, init=False, repr=False)
    twins: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    # The neighbour's tables, as digests.
    untouched: dict[str, str] = field(default_factory=dict, init=False, repr=False)


@contextmanager
def stripe_is(sandbox: Sandbox) -> Iterator[None]:
    """The gateway speaks to this sandbox, whose webhooks nobody delivers."""
    waits = stripe.HTTPClient.INITIAL_DELAY, stripe.HTTPClient.MAX_DELAY
    stripe.HTTPClient.INITIAL_DELAY = stripe.HTTPClient.MAX_DELAY = 0
    before = settings()
    use(replace(before, stripe_secret_key=PLATFORM_KEY, stripe_api_base=sandbox.url))
    try:
        yield
    finally:
        use(before)
        stripe.HTTPClient.INITIAL_DELAY, stripe.HTTPClient.MAX_DELAY = waits


def tell(app: Flask, admin: psycopg.Connection, sandbox: Sandbox) -> World:
    """Everything that is in the world, by the services people use; then the neighbour is marked."""
    shops = {slug: _open(slug, sandbox) for slug in PEOPLE}
    world = _with_everyone(shops["greenfield"], shops["hillside"], sandbox)
    for shop in shops.values():
        _sell(shop)
    run_due_jobs(app)
    world.reset_token = _reset_token(admin)
    for shop in shops.values():
        fill_empty_tables(admin, shop.tenant.id)
    _move_numbers_away(admin, world.hillside)
    people = [person.id for person in world.hillside.people.values()]
    canaries.plant(admin, world.hillside.tenant.id, people)
    for shop in shops.values():
        shop.rows = rows_of(admin, shop.tenant.id)
    return world


def _open(slug: str, sandbox: Sandbox) -> ShopWorld:
    tenant = make_tenant(slug, name=f"{slug.title()} Growers")
    people = {role: make_member(tenant, name, role=role) for role, name in PEOPLE[slug].items()}
    account = make_connection(tenant, sandbox)
    owner = people[Role.OWNER]
    with acting_for(tenant.id):
        visitor, token = open_shopper_session()
        _prove_address(visitor.id, new_id())
        _hear_from_stripe(account)
        invited = invite(email="", role=Role.PACKER, language="en", invited_by=owner.id)
    point = make_pickup_point(tenant)
    with acting_for(tenant.id):
        close_on(point_id=point.id, day=clock.now().date() + timedelta(days=9))
    sign_in_token(owner)
    session_id = list_sessions(realm=Realm.MERCHANT, subject_id=owner.id)[0].id
    return ShopWorld(tenant, people, token, invited.id, session_id)


def _hear_from_stripe(account: str) -> None:
    body: dict[str, Any] = {"id": f"evt_{account}", "data": {"object": {"id": account}}}
    keep_event(
        event=gateway.WebhookEvent(
            id=f"evt_{account}", type="account.updated", account=account, livemode=False,
            created=clock.now(), object_kind="account", object_id=account, body=body,
        ),
        account_ref=account,
    )  # fmt: skip


def _prove_address(*visitors: UUID) -> None:
    with transaction() as session:
        for visitor_id in visitors:
            session.add(ShopperSignIn(shopper_session_id=visitor_id, email="mia@example.org"))


def _with_everyone(greenfield: ShopWorld, hillside: ShopWorld, sandbox: Sandbox) -> World:
    """Sheaf's own people, someone who is about to sign up, and Ana without her password, who is
    setting up a second factor."""
    staff = make_staff()
    open_session(realm=Realm.STAFF, subject_id=staff.id, device="Desk", address="192.0.2.3")
    session_id = list_sessions(realm=Realm.STAFF, subject_id=staff.id)[0].id
    newcomer = Newcomer(
        name="Nia",
        email="nia@example.org",
        password="seven quiet geese",
        language="en",
        shop=NewShop("Nia's", "nias-shop", "EUR", "Europe/Berlin", ["en", "zh"]),
    )
    sign_up_token = start_sign_up(newcomer, address="192.0.2.4")
    email = greenfield.people[Role.OWNER].email
    ask_for_reset(email=email, language="en", address="192.0.2.5")
    begin_set_up(person_id=greenfield.people[Role.OWNER].id)
    return World(greenfield, hillside, staff, sandbox, session_id, sign_up_token)


def _reset_token(admin: psycopg.Connection) -> str:
    """What the mail with the link carries."""
    found = admin.execute("SELECT id FROM password_resets").fetchone()
    assert found is not None, "Ana asked for it"
    return sign([str(found[0])], purpose=PURPOSE)


def _sell(shop: ShopWorld) -> None:
    """Orders in every state: one is paid for by hand, collected and partly paid back."""
    tenant, words = shop.tenant, f"of {shop.tenant.slug}"
    roots, _leaves = make_category(tenant, f"Roots {words}"), make_category(tenant, "Leaves")
    carrots = make_product(tenant, f"Carrots {words}", category=roots)
    _order(tenant, carrots)
    _illustrate(tenant, carrots)
    with acting_for(tenant.id):
        mark_ready(order_id=_order(tenant, carrots).id)
        owner = shop.people[Role.OWNER]
        waiting = _order(tenant, carrots)
        mark_ready(order_id=waiting.id)
        take_payment(order_id=waiting.id, taken_by=owner.id)
        done = _order(tenant, carrots)
        take_payment(order_id=done.id, taken_by=owner.id)
        mark_collected(order_id=done.id, code=done.pickup_code)
        refund_order(
            order_id=done.id, amount=Money(100, "EUR"), reason="bruised", refunded_by=owner.id
        )
        online = _order(tenant, carrots, PaymentMethod.STRIPE)
        here = f"http://{tenant.slug}.shops.test/"
        open_payment_page(order_id=online.id, success_url=here, cancel_url=here)
        visitor = resume_shopper_session(shop.shopper_token)
        assert visitor is not None, "opened before"
        put_in_cart(shopper_session_id=visitor.id, product_id=carrots.id, quantity_milli=1000)


def _illustrate(tenant: Tenant, product: Product) -> None:
    with acting_for(tenant.id):
        add_photos(product_id=product.id, streams=[picture(60, 40), picture(80, 40)])


def _order(
    tenant: Tenant, product: Product, method: PaymentMethod = PaymentMethod.AT_PICKUP
) -> Order:
    checkout = make_checkout(tenant, method=method, note="the small ones")
    return check_out(tenant, make_cart(tenant, {product: "1"}), checkout)


def _move_numbers_away(admin: psycopg.Connection, shop: ShopWorld) -> None:
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")  # a number is for life
        for column, table in (("number", "orders"), ("last_number", "order_counters")):
            admin.execute(
                f"UPDATE {table} SET {column} = {column} + {FAR} WHERE tenant_id = %s",
                [shop.tenant.id],
            )
