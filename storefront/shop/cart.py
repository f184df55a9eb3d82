"""The cart: looking at it, changing it, and being told what has changed in it."""

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kernel.errors import NotFound, Refused
from kernel.i18n import language
from kernel.policy import public
from kernel.quantity import parse_quantity
from kernel.scope import current_tenant_id
from storefront.carts.rules import (
    CartNow,
    Seen,
    changes_in_cart,
    differences,
    read_seen,
    read_terms,
    seal_seen,
    seen_of,
)
from storefront.carts.services import accept_changes, put_in_cart
from storefront.catalog.models import Product
from storefront.catalog.queries import products_by_id
from storefront.shop import shop
from storefront.shop.back import path_back
from storefront.shop.browse import render_product
from storefront.shop.cards import make_card
from storefront.shop.changes import words_of
from storefront.shop.forms import CartLineForm, SeenForm
from storefront.shop.frame import is_fragment
from storefront.shop.visitor import (
    current_cart,
    forget_cart,
    known_visitor_id,
    visitor_id,
)


@shop.get("/cart")
@public
def show_cart() -> ResponseReturnValue:
    """What lies in the cart, at today's prices, and what has changed."""
    return render_cart()


@shop.post("/cart/lines")
@public
def change_line() -> ResponseReturnValue:
    """The cart holds the sent quantity of a product; zero takes it out."""
    form = CartLineForm()
    product = _product(form)
    if request.form.get("do") == "price":
        url = url_for("shop.show_product", slug=product.slug, quantity=form.quantity.data or "")
        return redirect(url, 303)
    done = form.attempt(_put, product.id, form) if form.validate() else None
    forget_cart()
    if done is None:
        return _answer_problem(form), form.status
    if is_fragment():
        return _part(product)
    if request.form.get("part") == "product":
        flash(gettext("%(name)s is in your cart.", name=product.name_in(language())), "ok")
    return redirect(path_back(url_for("shop.show_cart")), 303)


@shop.post("/cart/changes")
@public
def take_changes() -> ResponseReturnValue:
    """The shopper goes on with the cart as this form's page showed it, and as nothing else."""
    known = visitor_id()
    form = SeenForm()
    seen = read_seen(form.seen.data or "", current_tenant_id())
    if known is None or form.succeeds(accept_changes, shopper_session_id=known, seen=seen):
        return redirect(url_for("shop.show_cart"), 303)
    forget_cart()
    return render_cart(refusal=form.refusal, shown=seen), form.status


def render_cart(
    *, problems: dict[UUID, str] | None = None, refusal: str = "", shown: Seen | None = None
) -> str:
    """The cart's page, or the part of it that a change replaces. What has changed is told since
    the form `shown` was made, else since each product was put in."""
    cart = current_cart()
    template = "shop/cart_lines.html" if is_fragment() else "shop/cart.html"
    now = seen_of(cart, [])
    return render_template(
        template,
        cart=cart,
        cards={
            line.line_id: make_card(line.product, cart, g.profile.currency) for line in cart.lines
        },
        changes=_changes(cart, now, shown),
        problems=problems or {},
        refusal=refusal,
        seen=seal_seen(now, current_tenant_id()),
    )


def _changes(cart: CartNow, now: Seen, shown: Seen | None) -> list[str]:
    if shown is not None:
        return [words_of(change) for change in differences(shown, cart, now)]
    return [words_of(change) for change in changes_in_cart(cart)]


def _product(form: CartLineForm) -> Product:
    try:
        product_id = UUID(form.product.data or "")
    except ValueError as error:
        raise NotFound from error
    product = products_by_id([product_id]).get(product_id)
    if product is None:
        raise NotFound
    return product


def _put(product_id: UUID, form: CartLineForm) -> bool:
    try:
        milli = parse_quantity(form.quantity.data or "")
    except Refused as refusal:
        refusal.field = "quantity"
        raise
    put_in_cart(
        shopper_session_id=known_visitor_id(),
        product_id=product_id,
        quantity_milli=milli,
        seen=read_terms(form.seen.data or "", product_id, current_tenant_id()),
    )
    return True


def _part(product: Product, problem: str = "") -> str:
    """The changed piece of the page, with the two places that show the cart."""
    if request.form.get("part") == "cart":
        return render_cart(problems={product.id: problem} if problem else None)
    card = make_card(product, current_cart(), g.profile.currency)
    return render_template("shop/tile_changed.html", card=card, problem=problem)


def _answer_problem(form: CartLineForm) -> str:
    product = _product(form)  # read again: a refusal has undone the transaction it was read in
    problem = form.refusal or next(iter(form.errors.values()), [""])[0]
    if is_fragment():
        return _part(product, problem)
    if request.form.get("part") == "cart":
        return render_cart(problems={product.id: problem})
    return render_product(product, chosen=form.quantity.data or "", problem=problem)
