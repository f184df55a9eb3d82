"""Mails to people: codes, links and invitations. Jobs; what is secret is made here, not before."""

from uuid import UUID

from flask import render_template
from flask_babel import gettext

from kernel.i18n import speaking
from kernel.jobs import job
from kernel.scope import current_tenant_id
from kernel.settings import settings
from tenants.accounts.queries import get_profile, is_selling, shop_origin
from tenants.mail.rules import defang
from tenants.mail.services import Envelope, post_mail
from tenants.people.queries import get_invitation, get_person
from tenants.people.rules import Role
from tenants.people.services.invitations import invitation_token
from tenants.people.services.passwords import prepare_reset
from tenants.people.services.sign_ups import renew_code
from tenants.signin.words import role_words


@job(queue="urgent")
def send_sign_up_code(*, sign_up_id: UUID) -> None:
    """The code is on its way; to an address that has an account, where to sign in instead."""
    sign_up, code = renew_code(sign_up_id)
    with speaking(sign_up.language):
        if code:
            subject = gettext("Your code for Sheaf")
            post("code", sign_up.email, subject, code=code)
        else:
            subject = gettext("You already have an account at Sheaf")
            post(
                "known", sign_up.email, subject,
                sign_in_url=_app("/sign-in"), new_shop_url=_app("/shops/new"),
                reset_url=_app("/forgotten-password"), invited=bool(sign_up.invitation),
            )  # fmt: skip


@job(queue="urgent")
def send_reset_link(*, reset_id: UUID) -> None:
    """The link is on its way; to an address without an account, that there is none."""
    reset, token = prepare_reset(reset_id)
    with speaking(reset.language):
        if token:
            subject = gettext("A new password for Sheaf")
            post("reset", reset.email, subject, url=_app(f"/reset/{token}"))
        else:
            subject = gettext("No account with this address at Sheaf")
            post("unknown", reset.email, subject, url=settings().site_origin)


@job
def send_invitation(*, invitation_id: UUID) -> None:
    """The link to the shop acted for is on its way to the one it is for, if the shop is open."""
    if not is_selling():
        return
    invitation = get_invitation(invitation_id)
    shop = defang(get_profile().name)
    with speaking(invitation.language):
        inviter = defang(get_person(invitation.invited_by).name)
        subject = gettext("An invitation to work in a shop")
        post(
            "invitation", invitation.email, subject,
            url=_app(f"/join/{invitation_token(invitation)}"), shop_name=shop, inviter=inviter,
            shop_url=shop_origin(current_tenant_id()), role=role_words(Role(invitation.role)),
        )  # fmt: skip


def post(name: str, to: str, subject: str, **facts: object) -> None:
    """Write and post a mail of Sheaf itself; none of their texts is kept once it was sent."""
    html = render_template(f"site/mails/{name}.html", subject=subject, **facts)
    text = render_template(f"site/mails/{name}.txt", subject=subject, **facts)
    envelope = Envelope(from_name="Sheaf", secret=True)
    post_mail(to=to, subject=subject, html=html, text=text, kind=f"account_{name}", **envelope)


def _app(path: str) -> str:
    return f"{settings().app_origin}{path}"
