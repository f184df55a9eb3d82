"""The page behind an invitation's link."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from kernel.i18n import language
from kernel.policy import public
from kernel.scope import acting_for
from tenants.accounts.models import TenantState
from tenants.accounts.queries import get_profile, get_tenant
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.people.errors import InvitationIsOver
from tenants.people.queries import get_person
from tenants.people.rules import Role
from tenants.people.services.invitations import (
    accept_invitation,
    find_invitation,
    tenant_of_invitation,
)
from tenants.people.services.sign_ups import Newcomer, start_sign_up
from tenants.signin import account
from tenants.signin.access import signed_in
from tenants.signin.devices import this_device
from tenants.signin.forms import EmptyForm, JoinForm


@dataclass(frozen=True)
class Offer:
    """An invitation as the invited see it."""

    shop_name: str
    slug: str
    role: Role
    email: str
    invited_by: str


@account.get("/join/<token>")
@public
def show_invitation(token: str) -> ResponseReturnValue:
    """Who invites, where to, as what; then a button, or a form for those who are new."""
    offer = _offer(token)
    form = EmptyForm() if current_user.is_authenticated else JoinForm(data={"email": offer.email})
    return _page(token, offer, form)


@account.post("/join/<token>")
@signed_in
def join(token: str) -> ResponseReturnValue:
    """The person who is signed in works there from now on."""
    form = EmptyForm()
    offer = _offer(token)
    if form.validate():
        with acting_as(Actor(ActorKind.PERSON, current_user.id, current_user.name)):
            joined = form.attempt(accept_invitation, token, person_id=current_user.id)
        if joined is not None:
            flash(gettext("You now work in %(shop)s.", shop=offer.shop_name), "ok")
            return redirect(f"/{offer.slug}/", 303)
    return _page(token, offer, form)


@account.post("/join/<token>/newcomer")
@public
def join_as_newcomer(token: str) -> ResponseReturnValue:
    """Someone new: a code is mailed first, so that the address is proven."""
    offer, form = _offer(token), JoinForm()
    if form.validate():
        newcomer = Newcomer(
            name=form.name.data,
            email=form.email.data,
            password=form.password.data,
            language=language(),
            invitation=token,
        )
        started = form.attempt(start_sign_up, newcomer, address=this_device()[1])
        if started is not None:
            return redirect(f"/sign-up/{started}", 303)
    return _page(token, offer, form)


def _offer(token: str) -> Offer:
    tenant_id: UUID = tenant_of_invitation(token)
    tenant = get_tenant(tenant_id)
    with acting_for(tenant_id):
        found = find_invitation(token)
        if found is None or tenant.state is TenantState.CLOSED:
            raise InvitationIsOver
        inviter = get_person(found.invited_by).name
        return Offer(get_profile().name, tenant.slug, found.role, found.email, inviter)


def _page(token: str, offer: Offer, form: EmptyForm | JoinForm) -> ResponseReturnValue:
    page = render_template(
        "site/join.html",
        form=form,
        offer=offer,
        token=token,
        here=request.path,
        person=current_user,
    )
    return page, form.answer_status
