"""A person's shops: choose one, or open another."""

from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from tenants.accounts.queries import get_tenant, shop_origin
from tenants.accounts.services import NewShop, open_shop
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.people.queries import list_shops_of
from tenants.sessions.throttle import spend
from tenants.signin import account
from tenants.signin.access import signed_in
from tenants.signin.forms import ShopFields
from tenants.signin.landing import (
    address_again,
    address_chosen,
    around_the_address,
    guessed,
    new_shop,
    place_again,
)

SHOPS_A_DAY = 5


@account.get("/")
@signed_in
def choose_shop() -> ResponseReturnValue:
    """Go to the only shop, or choose among several."""
    shops = list_shops_of(current_user.id)
    if len(shops) == 1:
        return redirect(f"/{shops[0].slug}/", 303)
    return render_template("site/shops.html", shops=shops)


@account.get("/shops/new")
@signed_in
def show_new_shop() -> ResponseReturnValue:
    """Ask for the name of another shop."""
    form = ShopFields(data=guessed())
    return render_template("site/new_shop.html", form=form, own_zone=True, **around_the_address(""))


@account.post("/shops/new")
@signed_in
def open_another_shop() -> ResponseReturnValue:
    """The shop is open and the person owns it."""
    form = ShopFields()
    if form.validate() and address_chosen(form):
        tenant_id = form.attempt(_open, new_shop(form), person_id=current_user.id)
        if tenant_id is not None:
            flash(gettext("Welcome. Your shop is at %(url)s", url=shop_origin(tenant_id)), "ok")
            return redirect(f"/{get_tenant(tenant_id).slug}/", 303)
    page = render_template("site/new_shop.html", form=form, **around_the_address(form.slug.data))
    return page, form.answer_status


@account.get("/shops/new/address")
@signed_in
def check_new_address() -> ResponseReturnValue:
    """The address field again, with what can be said while it is typed."""
    return address_again()


@account.get("/shops/new/place")
@signed_in
def check_new_place() -> ResponseReturnValue:
    """Money and time again, once the browser has told its time zone."""
    return place_again()


def _open(shop: NewShop, *, person_id: UUID) -> UUID:
    spend(f"open-shop|{person_id}", limit=SHOPS_A_DAY, minutes=24 * 60)
    with acting_as(Actor(ActorKind.PERSON, person_id, current_user.name)):
        return open_shop(shop=shop, owner_id=person_id)
