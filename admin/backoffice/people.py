"""Who works in the shop, in which role, and who is invited."""

from urllib.parse import urlencode
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from wtforms import BooleanField, EmailField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, Length, Optional

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from kernel.errors import N_
from kernel.forms import SheafForm
from kernel.i18n import language
from kernel.settings import settings
from tenants.factors.services.remove import reset_factor_of_member
from tenants.factors.services.require import require_of_everyone
from tenants.people.models import Invitation
from tenants.people.queries import list_members, list_open_invitations
from tenants.people.rules import PERMISSIONS, Permission, Role
from tenants.people.services.invitations import invitation_token, invite, revoke_invitation
from tenants.people.services.members import change_role, remove_member
from tenants.signin.proofs import CONFIRM
from tenants.signin.words import ROLES

RIGHTS = {
    Permission.SEE_ORDERS: N_("See orders"),
    Permission.PACK_ORDERS: N_("Mark orders ready and hand them over"),
    Permission.TAKE_PAYMENT: N_("Take money at pick-up"),
    Permission.EDIT_STOCK: N_("Count stock"),
    Permission.CANCEL_ORDERS: N_("Cancel orders"),
    Permission.REFUND_ORDERS: N_("Give money back"),
    Permission.EDIT_PRODUCTS: N_("Change products and prices"),
    Permission.EDIT_PICKUP: N_("Change pick-up points"),
    Permission.EDIT_SHOP: N_("Change the shop's settings"),
    Permission.SEE_FEES: N_("See Sheaf's fees"),
    Permission.SEE_AUDIT: N_("See the history"),
    Permission.EDIT_PAYMENTS: N_("Decide how the shop is paid"),
    Permission.MANAGE_PEOPLE: N_("Invite people and change roles"),
}
ROLE_CHOICES = [SelectChoice(role.value, _(words)) for role, words in ROLES.items()]


class InviteForm(SheafForm):
    role = RadioField(_("Role"), choices=ROLE_CHOICES, default=Role.PACKER.value)
    email = EmailField(
        _("E-mail"),
        [
            Optional(),
            Length(max=254),
            Email(_("Enter an e-mail address, such as ana@example.org.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )


class EveryoneForm(SheafForm):
    wanted = BooleanField(_("Everyone who works here needs a second step"))


class RoleForm(SheafForm):
    role = RadioField(_("Role"), choices=ROLE_CHOICES)


@backoffice.get("/people")
@requires(Permission.MANAGE_PEOPLE)
def list_people() -> ResponseReturnValue:
    """Everyone, every open invitation, and what each role may do."""
    return _page(SheafForm())


@backoffice.get("/people/invitations/new")
@requires(Permission.MANAGE_PEOPLE)
def show_invite() -> ResponseReturnValue:
    """Ask for a role and, if it is to be mailed, an address."""
    return render_template("backoffice/people/invite.html", form=InviteForm())


@backoffice.post("/people/invitations")
@requires(Permission.MANAGE_PEOPLE, step_up=True)
def invite_person() -> ResponseReturnValue:
    """A link exists that makes one person a member."""
    form = InviteForm()
    if form.validate():
        made = form.attempt(
            invite,
            email=form.email.data or "",
            role=Role(form.role.data),
            language=language(),
            invited_by=g.member.person_id,
        )
        if made is not None:
            flash(_invited(made), "ok")
            return redirect(url_for("backoffice.list_people") + "#invitations", 303)
    return render_template("backoffice/people/invite.html", form=form), form.answer_status


@backoffice.post("/people/invitations/<uuid:invitation_id>/revocation")
@requires(Permission.MANAGE_PEOPLE)
def take_invitation_back(invitation_id: UUID) -> ResponseReturnValue:
    """The link works no more."""
    revoke_invitation(invitation_id=invitation_id)
    flash(gettext("The link works no more."), "ok")
    return redirect(url_for("backoffice.list_people"), 303)


@backoffice.post("/people/<uuid:person_id>/role")
@requires(Permission.MANAGE_PEOPLE, step_up=True)
def set_role(person_id: UUID) -> ResponseReturnValue:
    """The person has another role and signs in again."""
    form = RoleForm()
    if form.validate() and form.succeeds(
        change_role, person_id=person_id, role=Role(form.role.data)
    ):
        flash(gettext("The role is changed. They are asked to sign in again."), "ok")
        return redirect(url_for("backoffice.list_people"), 303)
    return _page(form)


@backoffice.post("/people/<uuid:person_id>/removal")
@requires(Permission.MANAGE_PEOPLE, step_up=True)
def remove_person(person_id: UUID) -> ResponseReturnValue:
    """The person works here no more."""
    form = SheafForm()
    if form.validate() and form.succeeds(remove_member, person_id=person_id):
        flash(
            gettext("They cannot open this shop any more. What they did stays in the history."),
            "ok",
        )
        return redirect(url_for("backoffice.list_people"), 303)
    return _page(form)


@backoffice.post("/people/<uuid:person_id>/second-factor-reset")
@requires(Permission.MANAGE_PEOPLE, step_up=True)
def reset_factor(person_id: UUID) -> ResponseReturnValue:
    """The password alone lets the person in, so that they can set up another phone."""
    form = SheafForm()
    if form.validate() and form.succeeds(reset_factor_of_member, person_id=person_id):
        flash(
            gettext("Their second step is reset and they are signed out. All owners get a mail."),
            "ok",
        )
        return redirect(url_for("backoffice.list_people"), 303)
    return _page(form)


@backoffice.post("/people/second-factor")
@requires(Permission.MANAGE_PEOPLE, step_up=True)
def ask_everyone_for_factor() -> ResponseReturnValue:
    """Everyone here needs a second factor within a week, or no longer."""
    form = EveryoneForm()
    if form.validate() and form.succeeds(require_of_everyone, wanted=form.wanted.data):
        flash(gettext("Saved."), "ok")
        return redirect(url_for("backoffice.list_people") + "#second-factor", 303)
    return _page(form)


def _link(invitation: Invitation) -> str:
    return f"{settings().app_origin}/join/{invitation_token(invitation)}"


def _invited(made: Invitation) -> str:
    if made.email:
        return str(gettext("The invitation is on its way to %(email)s.", email=made.email))
    return str(gettext("The link is ready. Copy it and give it to one person."))


def _page(form: SheafForm) -> ResponseReturnValue:
    page = render_template(
        "backoffice/people/list.html",
        form=form,
        members=list_members(),
        me=g.member.person_id,
        show_links_url=f"{CONFIRM}?{urlencode({'next': url_for('backoffice.list_people')})}",
        everyone=EveryoneForm(formdata=None, wanted=g.profile.all_need_factor_since is not None),
        owners_asked=g.profile.owners_need_factor_since is not None,
        roles=[(role.value, gettext(words)) for role, words in ROLES.items()],
        invitations=[
            {
                "id": one.id,
                "email": one.email,
                "role": one.role,
                "expires_at": one.expires_at,
                # A link that makes an owner is not for whoever holds no more than a cookie.
                "url": _link(one) if current_user.fresh else "",
            }
            for one in list_open_invitations()
        ],
        matrix=[
            (gettext(words), [right in PERMISSIONS[role] for role in ROLES])
            for right, words in RIGHTS.items()
        ],
    )
    return page, form.answer_status
