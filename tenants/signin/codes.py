"""The page that asks for the code from the mail; behind it lies the back office."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kernel.policy import public
from kernel.settings import settings
from tenants.accounts.queries import get_tenant, shop_origin
from tenants.people.errors import SignUpIsOver
from tenants.people.services.sign_ups import (
    Arrival,
    ask_again,
    find_sign_up,
    finish_sign_up,
    prove_address,
)
from tenants.signin import account
from tenants.signin.destinations import signed_in_answer
from tenants.signin.devices import this_device
from tenants.signin.forms import CodeForm, EmptyForm


@account.get("/sign-up/<token>")
@public
def show_code_page(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return _page(token, CodeForm())


@account.post("/sign-up/<token>")
@public
def use_code(token: str) -> ResponseReturnValue:
    """With the right code the person is signed in and stands in the shop."""
    form = CodeForm()
    if form.validate():
        arrival = form.attempt(_arrive, token, form)
        if arrival is not None:
            tenant = get_tenant(arrival.tenant_id)
            flash(gettext("Welcome. Your shop is at %(url)s", url=shop_origin(tenant.id)), "ok")
            return signed_in_answer(arrival.person_id, f"/{tenant.slug}/")
    return _page(token, form)


@account.post("/sign-up/<token>/codes")
@public
def send_another_code(token: str) -> ResponseReturnValue:
    """A new code is on its way."""
    form = EmptyForm()
    if form.validate() and form.succeeds(ask_again, token, address=this_device()[1]):
        flash(gettext("A new code is on its way. The one before works no more."), "ok")
        return redirect(request.path.removesuffix("/codes"), 303)
    return _page(token, CodeForm(), refusal=form.refusal)


def _arrive(token: str, form: CodeForm) -> Arrival:
    prove_address(token, code=form.code.data or "", address=this_device()[1])
    return finish_sign_up(
        token, slug=(form.slug.data or "").lower(), shop_name=form.shop_name.data or ""
    )


def _page(token: str, form: CodeForm, *, refusal: str = "") -> ResponseReturnValue:
    sign_up = find_sign_up(token)
    if sign_up is None:
        raise SignUpIsOver
    form.refusal = form.refusal or refusal
    page = render_template(
        "site/code.html",
        form=form,
        token=token,
        sign_up=sign_up,
        proven=sign_up.proven_at is not None,
        shops_domain=settings().shops_domain,
    )
    return page, form.answer_status
