"""What a shop's owners are written when a payer's bank claims a payment back."""

from collections.abc import Callable
from uuid import UUID

from billing.disputes.models import Dispute
from billing.disputes.queries import get_dispute
from billing.disputes.rules import Standing
from kernel.jobs import job
from storefront.notices import dispute_words
from storefront.notices.jobs import office_order_url
from storefront.notices.letters import Letter
from storefront.notices.post import post_about_order
from storefront.notices.words import Told
from storefront.orders.errors import OrderNotFound
from storefront.orders.queries import get_order
from tenants.people.queries import get_person, list_members
from tenants.people.rules import Role


@job
def on_dispute_opened(*, dispute_id: UUID) -> None:
    """Every owner knows what is claimed and by when it must be answered."""
    dispute = get_dispute(dispute_id)
    _tell(dispute)


@job
def on_dispute_moved(*, dispute_id: UUID) -> None:
    """Every owner knows how it ended, or that what the bank only asked for is now claimed."""
    dispute = get_dispute(dispute_id)
    if dispute.standing is not Standing.UNDER_REVIEW:
        _tell(dispute)


def _tell(dispute: Dispute) -> None:
    if dispute.ended_at is None:
        _tell_the_owners(dispute, "dispute.opened", dispute_words.opened)
    else:
        _tell_the_owners(dispute, "dispute.ended", dispute_words.ended)


def _tell_the_owners(
    dispute: Dispute, kind: str, compose: Callable[[Told, Dispute], Letter]
) -> None:
    try:
        order = get_order(dispute.payable_id)
    except OrderNotFound:
        return
    url = office_order_url(order)
    for member in list_members():
        if member.role is Role.OWNER:
            language = get_person(member.person_id).language
            post_about_order(
                order, kind, lambda told: compose(told, dispute), to=member.email,
                language=language, url=url,
            )  # fmt: skip
