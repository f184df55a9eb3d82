"""Putting a letter into an envelope: from the shop's name and address, with answers to the shop."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from kernel.i18n import speaking
from kernel.scope import current_tenant_id
from storefront.notices import words
from storefront.notices.letters import Letter, Sender, as_html, as_text, without_links
from storefront.notices.words import Told
from storefront.orders.models import Order
from tenants.accounts.queries import get_profile, get_tenant, is_selling, shop_origin
from tenants.mail.rules import defang, shop_address
from tenants.mail.services import post_mail
from tenants.people.queries import list_members
from tenants.people.rules import Role


def post_about_order(
    order: Order, kind: str, compose: Callable[[Told], Letter], *, to: str, language: str, url: str
) -> None:
    """A letter about an order leaves with the open transaction, written in that language."""
    zone = ZoneInfo(get_profile().time_zone)
    with speaking(language):
        _post(
            to,
            compose(Told(order, language, zone, url, is_selling())),
            kind,
            reference=str(order.id),
        )


def write_code(email: str, code: str) -> None:
    """A sign-in code leaves with the open transaction; its text is not kept once it was sent."""
    _post(email, words.sign_in_code(code), "shopper.code", secret=True)


def _post(to: str, letter: Letter, kind: str, *, reference: str = "", secret: bool = False) -> None:
    profile = get_profile()
    letter = without_links(letter)
    sender = Sender(defang(profile.name), shop_origin(current_tenant_id()))
    post_mail(
        to=to,
        subject=letter.subject,
        html=as_html(letter, sender),
        text=as_text(letter, sender),
        kind=kind,
        reference=reference,
        from_name=profile.name,
        from_address=shop_address(get_tenant(current_tenant_id()).slug),
        reply_to=profile.contact_email or _owner_email(),
        secret=secret,
    )


def _owner_email() -> str:
    owners = [member.email for member in list_members() if member.role is Role.OWNER]
    return owners[0] if owners else ""
