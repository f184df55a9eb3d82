"""What must be known of each route: what stands for its parameters, and what its policy answers.

A parameter or a policy that is not listed here fails a test with a sentence that says what to add.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from kernel import clock
from kernel.policy import Policy, policy_of
from kernel.vault import sign
from storefront.orders.rules import order_token, return_token
from tenants.people.rules import Permission, Role, may
from tenants.people.services.invitations import PURPOSE as INVITATION
from tenants.people.services.passwords import PURPOSE as RESET
from tenants.people.services.sign_ups import PURPOSE as SIGN_UP
from tests.world.cast import ROLES
from tests.world.story import ShopWorld, World

SEEN, DONE, UNDONE = {200, 303}, {200, 303, 409, 422}, {404, 409, 422}
TO_SIGN_IN = {303}


@dataclass(frozen=True)
class Place:
    """A row of `whose`, as an address in the shop `where` would name it."""

    world: World
    whose: ShopWorld
    where: ShopWorld


Value = Callable[[Place], object]


def row(table: str, column: str = "id", **having: object) -> Value:
    """A column of a shop's first row that has these values."""
    return lambda place: place.whose.one(table, column, **having)


def same(value: object) -> Value:
    """Something that is nobody's."""
    return lambda _place: value


def invitation(place: Place) -> str:
    """A rightly signed link; a crossed one for the neighbour's row."""
    ids = [str(place.where.tenant.id), str(place.whose.invitation_id)]
    return sign(ids, purpose=INVITATION)


def own_or(token: Callable[[World], str], purpose: str) -> Value:
    """A token that belongs to nobody's shop; for the neighbour's row, signed over its id."""
    return lambda place: (
        token(place.world)
        if place.whose is place.where
        else sign([str(place.whose.invitation_id)], purpose=purpose)
    )


def way_back(place: Place) -> str:
    """A way back from the payment provider that is not over yet."""
    order_id, tenant_id = place.whose.one("orders"), place.where.tenant.id
    return return_token(order_id, tenant_id, pay_by=clock.now())


# By "<endpoint>:<parameter>", else by "<blueprint>:<parameter>".
PARAMETERS: dict[str, Value] = {
    "account.end_session:session_id": lambda place: place.whose.session_id,
    "account.join:token": invitation,
    "account.join_as_newcomer:token": invitation,
    "account.send_another_code:token": own_or(lambda world: world.sign_up_token, SIGN_UP),
    "account.show_code_page:token": own_or(lambda world: world.sign_up_token, SIGN_UP),
    "account.show_invitation:token": invitation,
    "account.show_reset:token": own_or(lambda world: world.reset_token, RESET),
    "account.use_code:token": own_or(lambda world: world.sign_up_token, SIGN_UP),
    "account.use_reset:token": own_or(lambda world: world.reset_token, RESET),
    "backoffice:category_id": row("categories"),
    "backoffice:invitation_id": lambda place: place.whose.invitation_id,
    "backoffice:kind": same("logo"),
    "backoffice:number": row("orders", "number"),
    "backoffice:person_id": lambda place: place.whose.people[Role.PACKER].id,
    "backoffice:photo_id": row("product_photos"),
    "backoffice:point_id": row("pickup_points"),
    "backoffice:product_id": row("products"),
    "backoffice:slug": lambda place: place.where.tenant.slug,
    "console_account:session_id": lambda place: place.world.staff_session_id,
    "console_audit:record_id": row("audit_entries"),
    "console_events:record_id": row("provider_events"),
    "console_jobs:record_id": row("jobs"),
    "console_mails:record_id": row("mails"),
    "console_orders:record_id": row("orders"),
    "console_payments:record_id": row("payments"),
    "console_people:record_id": lambda place: place.whose.people[Role.OWNER].id,
    "console_refunds:record_id": row("refunds"),
    "console_tenants:record_id": lambda place: place.whose.tenant.id,
    "console_usage:record_id": row("usage_events"),
    "hooks:endpoint": same("connect"),
    "mailbox:name": same("00000000-0000-0000-0000-000000000000"),
    "office_pictures:media_id": row("media_files"),
    "office_pictures:width": same(320),
    "shop.show_category:slug": row("categories", "slug"),
    "shop.show_price:slug": row("products", "slug"),
    "shop.show_product:slug": row("products", "slug"),
    "shop.return_paid:token": way_back,
    "shop.return_unpaid:token": way_back,
    "shop:sign_in_id": row("shopper_sign_ins"),
    "shop:token": lambda place: order_token(place.whose.one("orders"), place.where.tenant.id),
    "shop_pictures:media_id": row("media_files"),
    "shop_pictures:width": same(320),
    ":tenant_id": lambda place: place.whose.tenant.id,
}
# What a route answers the right person with, where it is neither a page nor a redirect, and why.
OWN_ANSWERS: dict[str, Set[int]] = {
    "health.ready": {503},  # the tests' Valkey is nowhere
    "hooks.receive": {400},  # nothing is signed here
    "mailbox.show_mail": {404},  # the tests' mails are in memory
}


# Routes that name a row and yet answer without looking for it, and why.
LOOK_AT_NOTHING: dict[str, Set[int]] = {
    "backoffice.back_to_list": {303},  # a list's form was refused; its address leads to the list
}


@dataclass(frozen=True)
class Call:
    """One way to ask one route."""

    rule: Rule
    method: str
    policy: Policy

    def __str__(self) -> str:
        return f"{self.method} {self.surface} {self.rule.rule} [{self.rule.endpoint}]"

    @property
    def surface(self) -> str:
        return str(self.rule.subdomain)

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    def key(self, parameter: str) -> str:
        """Under what PARAMETERS knows one of its parameters."""
        endpoint = self.rule.endpoint
        keys = [f"{name}:{parameter}" for name in (endpoint, endpoint.partition(".")[0], "")]
        return next((key for key in keys if key in PARAMETERS), keys[0])

    @property
    def unknown(self) -> list[str]:
        """Its parameters that are missing in PARAMETERS."""
        return [name for name in self.rule.arguments if self.key(name) not in PARAMETERS]

    def address(self, app: Flask, place: Place) -> str:
        """The path that names rows of somebody on a page of somebody's shop."""
        values = {name: PARAMETERS[self.key(name)](place) for name in self.rule.arguments}
        adapter = app.url_map.bind("sheaf", subdomain=self.surface)
        return str(adapter.build(self.rule.endpoint, values, self.method, force_external=False))


def all_calls(app: Flask) -> Iterator[Call]:
    """Every route with every method that does something."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        policy = policy_of(app, rule.endpoint)
        assert policy is not None, "create_app has checked it"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Call(rule, method, policy)


def calls(app: Flask, surface: str) -> Iterator[Call]:
    """Those of a surface whose parameters are known; a test of its own names the others."""
    for call in all_calls(app):
        if call.surface == surface and not call.unknown:
            yield call


@dataclass(frozen=True)
class Case:
    """A call by someone: to a row of the neighbour's, with one in its form, or in their office."""

    call: Call
    who: str
    foreign_row: bool = False
    foreign_shop: bool = False
    foreign_form: bool = False

    @property
    def not_there(self) -> Set[int]:
        return LOOK_AT_NOTHING.get(self.call.rule.endpoint, {404})

    @property
    def own(self) -> Set[int]:
        usual = SEEN if self.call.reads else UNDONE if self.foreign_form else DONE
        return OWN_ANSWERS.get(self.call.rule.endpoint, usual)


def member(case: Case) -> Set[int]:
    """A page of a back office: strangers learn nothing, colleagues what their role lacks."""
    if case.who not in {"Carol", *ROLES}:
        return TO_SIGN_IN
    if case.foreign_shop or case.who == "Carol":
        return {404}
    if not may(ROLES[case.who], Permission(case.call.policy.needs)):
        return {403}
    return case.not_there if case.foreign_row else case.own


def signed_in(case: Case) -> Set[int]:
    """A page of a person's own, in no shop."""
    if case.who not in {"Carol", *ROLES}:
        return TO_SIGN_IN
    return case.not_there if case.foreign_row else case.own


def staff(case: Case) -> Set[int]:
    """A page of the console."""
    return case.own if case.who == "staff" else TO_SIGN_IN


def public(case: Case) -> Set[int]:
    """Anyone's page: the neighbour's things are not there."""
    return case.not_there if case.foreign_row else case.own


EXPECTED: dict[str, Callable[[Case], Set[int]]] = {
    "member": member,
    "public": public,
    "signed_in": signed_in,
    "staff": staff,
}
