"""Who is looking at the shop: a browser that is known from the first thing put in its cart."""

from uuid import UUID

from flask import Response, g, request

from kernel.headers import cookie_name, set_cookie
from kernel.scope import current_tenant_id
from kernel.web import enter
from storefront.carts.queries import look_at_cart
from storefront.carts.rules import CartNow
from storefront.shop import shop
from storefront.shoppers.models import ShopperSignIn
from storefront.shoppers.queries import find_sign_in
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.sessions.rules import SHOPPER
from tenants.sessions.services import (
    open_shopper_session,
    renew_shopper_session,
    resume_shopper_session,
)
from tenants.sessions.throttle import place_of, spend

NEW_VISITORS = 120


@shop.before_request
def act_as_shopper() -> None:
    """What is recorded was done by a shopper, whose name the audit need not know."""
    enter(acting_as(Actor(ActorKind.SHOPPER)))


@shop.after_request
def remember_visitor(response: Response) -> Response:
    """Give a new or renewed visitor their cookie."""
    token = g.get("shopper_token")
    if token is not None:
        set_cookie(response, "sid", token, max_age=int(SHOPPER.idle.total_seconds()))
    return response


def visitor_id() -> UUID | None:
    """The session of this browser in this shop, if it has one."""
    if "visitor_id" not in g:
        found = resume_shopper_session(request.cookies.get(cookie_name("sid"), ""))
        g.visitor_id = found.id if found is not None else None
    known: UUID | None = g.visitor_id
    return known


def known_visitor_id() -> UUID:
    """The session of this browser; a new visitor is given one with this answer.

    Refused: more new visitors from one place than come to one market in ten minutes.
    """
    known = visitor_id()
    if known is None:
        here = f"{current_tenant_id()}|{place_of(request.remote_addr)}"
        spend(f"visitors|{here}", limit=NEW_VISITORS, minutes=10)
        opened, g.shopper_token = open_shopper_session()
        known = g.visitor_id = opened.id
    return known


def renew_visitor() -> None:
    """The browser gets a new token with this answer, and the old one is worthless."""
    g.shopper_token = renew_shopper_session(session_id=known_visitor_id())


def current_cart() -> CartNow:
    """What this browser's cart holds, read once per request."""
    if "cart" not in g:
        g.cart = look_at_cart(visitor_id(), g.profile.currency)
    cart: CartNow = g.cart
    return cart


def forget_cart() -> None:
    """The cart was changed in this request: read it again when it is next shown."""
    g.pop("cart", None)


def signed_in() -> ShopperSignIn | None:
    """The address proven in this browser, if any."""
    if "sign_in" not in g:
        known = visitor_id()
        g.sign_in = find_sign_in(known) if known is not None else None
    found: ShopperSignIn | None = g.sign_in
    return found
