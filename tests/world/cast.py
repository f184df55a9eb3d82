"""Everyone who may come by, each with the cookie of their realm, whatever host it was made for."""

from collections.abc import Callable
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from tenants.people.rules import Role
from tenants.sessions.models import Realm
from tenants.sessions.services import open_session
from tests.browsers import Browser, browse
from tests.factories.tenants import PROOF, sign_in_token
from tests.world.story import World

HOSTS = {
    "site": "sheaf.test",
    "app": "app.sheaf.test",
    "ops": "ops.sheaf.test",
    "shop": "greenfield.shops.test",
}
# The right person for a surface's pages first, then others who are let in.
AT_HOME = {
    "site": ["nobody"],
    "app": ["Ana", "Max", "Ben"],
    "shop": ["shopper"],
    "ops": ["staff"],
}
Cookie = tuple[str, Callable[[World], str]]


def _staff_token(staff_id: UUID) -> str:
    return open_session(
        realm=Realm.STAFF, subject_id=staff_id, device="Test browser", address="192.0.2.2",
        proof=PROOF,
    )  # fmt: skip


COOKIES: dict[str, Cookie | None] = {
    "nobody": None,
    "shopper": ("sid", lambda world: world.greenfield.shopper_token),
    "neighbour's shopper": ("sid", lambda world: world.hillside.shopper_token),
    "Carol": ("mid", lambda world: sign_in_token(world.hillside.people[Role.OWNER])),
    "Ana": ("mid", lambda world: sign_in_token(world.greenfield.people[Role.OWNER])),
    "Max": ("mid", lambda world: sign_in_token(world.greenfield.people[Role.MANAGER])),
    "Ben": ("mid", lambda world: sign_in_token(world.greenfield.people[Role.PACKER])),
    "staff": ("pid", lambda world: _staff_token(world.staff.id)),
}
ROLES = {"Ana": Role.OWNER, "Max": Role.MANAGER, "Ben": Role.PACKER}


def come(app: Flask, world: World, who: str, surface: str) -> Browser:
    """A browser of theirs on a surface; Greenfield's where it is a shop."""
    browser = browse(app, HOSTS[surface])
    cookie = COOKIES[who]
    if cookie is not None:
        name, token = cookie
        browser.set_cookie(name, token(world), domain=HOSTS[surface])
        browser.set_cookie("proof", PROOF, domain=HOSTS[surface])
    return browser


def everything_in(answer: TestResponse) -> str:
    """What the other side has sent: body and headers."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return head + "\n" + answer.get_data().decode(errors="replace")
