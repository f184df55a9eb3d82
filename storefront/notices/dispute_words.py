"""What the owners of a shop are written when a payer's bank claims a payment back."""

from flask_babel import gettext

from billing import gateway
from billing.disputes.models import Dispute
from billing.disputes.rules import Standing, reason_words
from kernel.i18n import date_text, money_text, time_text
from storefront.notices.letters import Letter
from storefront.notices.words import Told


def _(message: str, **facts: object) -> str:
    return str(gettext(message, **facts))


def opened(told: Told, dispute: Dispute) -> Letter:
    """What is claimed, why, what becomes of it and by when it must be answered."""
    asks = dispute.is_inquiry
    deadline = _deadline(told, dispute)
    return Letter(
        subject=_subject(told, dispute, deadline),
        preview=_("Answer at Stripe in time, or the money is lost."),
        heading=_("A bank asks about a payment") if asks else _("A bank claims a payment back"),
        paragraphs=[
            _what(told, dispute),
            _taken(dispute),
            *([_by_when(told, deadline)] if deadline else []),
            _("What helps: when and by whom the order was collected, and what was written."),
            *([] if asks else [_not_twice()]),
        ],
        action=(
            gateway.dispute_page(dispute.dispute_ref, account_ref=dispute.account_ref),
            _("Answer at Stripe"),
        ),
        why=_("You get this mail because you own this shop."),
    )


def _subject(told: Told, dispute: Dispute, deadline: str) -> str:
    facts = {"number": told.order.number, "amount": money_text(dispute.amount)}
    what = (
        _("Order %(number)s: a bank asks about %(amount)s", **facts)
        if dispute.is_inquiry
        else _("Order %(number)s: a bank claims %(amount)s back", **facts)
    )
    return _("%(what)s, answer by %(deadline)s", what=what, deadline=deadline) if deadline else what


def _what(told: Told, dispute: Dispute) -> str:
    facts = {
        "number": told.order.number,
        "amount": money_text(dispute.amount),
        "reason": _(reason_words(dispute.reason)),
    }
    if dispute.is_inquiry:
        return _(
            "The bank of the payer asks about %(amount)s of order %(number)s. "
            "Its reason: %(reason)s.",
            **facts,
        )
    return _(
        "The bank of the payer claims %(amount)s of order %(number)s back. Its reason: %(reason)s.",
        **facts,
    )


def ended(told: Told, dispute: Dispute) -> Letter:
    """How a dispute ended."""
    facts = {"number": told.order.number, "amount": money_text(dispute.amount)}
    subjects = {
        Standing.WON: _("Order %(number)s: the bank's claim came to nothing", **facts),
        Standing.CLOSED: _("Order %(number)s: the bank's question is closed", **facts),
        Standing.LOST: _("Order %(number)s: the bank has taken %(amount)s back", **facts),
    }
    paragraphs = {
        Standing.WON: _("The bank has decided for you: %(amount)s stays with your shop.", **facts),
        Standing.CLOSED: _("The bank asks no more. %(amount)s stays with your shop.", **facts),
        Standing.LOST: _(
            "The bank has decided for the payer, who has %(amount)s back. "
            "Do not pay it back again.",
            **facts,
        ),
    }
    return Letter(
        subject=subjects[dispute.standing],
        preview=paragraphs[dispute.standing],
        heading=_("A bank has decided about a payment"),
        paragraphs=[paragraphs[dispute.standing]],
        action=(told.url, _("Open the order")),
        why=_("You get this mail because you own this shop."),
    )


def _taken(dispute: Dispute) -> str:
    if dispute.is_inquiry:
        return _("So far it only asks: no money has been taken. A refund would settle it as well.")
    return _(
        "Stripe has taken the money, and mostly a fee, out of your balance "
        "until the bank has decided."
    )


def _by_when(told: Told, deadline: str) -> str:
    return _(
        "Answer at Stripe by %(deadline)s, %(zone)s time. After that the money is lost.",
        deadline=deadline,
        zone=told.zone.key.replace("_", " "),
    )


def _not_twice() -> str:
    return _("Do not pay the shopper back in another way meanwhile: the money would be lost twice.")


def _deadline(told: Told, dispute: Dispute) -> str:
    if dispute.answer_by is None:
        return ""
    at = dispute.answer_by.astimezone(told.zone)
    return _("%(day)s, %(time)s", day=date_text(at.date(), "day"), time=time_text(at.timetz()))
