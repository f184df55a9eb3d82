"""What the shop writes when money does not go as it should: slow, late, failed or bounced."""

from flask_babel import gettext

from billing.refunds.models import Refund
from kernel.i18n import date_text, datetime_text, money_text
from storefront.notices.letters import Letter, sums_of
from storefront.notices.words import Told, for_the_shop
from storefront.orders.balance import Balance
from storefront.orders.balance_words import words_for_shopper
from storefront.orders.refund_failures import why_it_failed


def _(message: str, **facts: object) -> str:
    return str(gettext(message, **facts))


def waits(told: Told, balance: Balance) -> Letter:
    """The payment is under way: what is known of it, and until when the products stay."""
    order = told.order
    assert order.held_until is not None, "set before this is told"
    until = datetime_text(order.held_until.astimezone(told.zone))
    sentences = words_for_shopper(balance, ended=False)
    return Letter(
        subject=_("Order %(number)s: we wait for your payment", number=order.number),
        preview=sentences[0],
        heading=_("Your payment is under way"),
        paragraphs=[
            *sentences,
            _(
                "We keep your products until %(time)s. If the money comes later, the shop offers "
                "you another day or pays it back.",
                time=until,
            ),
        ],
        sums=sums_of(order, told.language, told.total_words),
        action=told.see(),
        why=told.why(),
    )


def payment_failed(told: Told) -> Letter:
    """A payment came to nothing; the order can be paid in another way, until then."""
    order = told.order
    assert order.pay_by is not None, "an order that is paid online has a time to pay"
    until = datetime_text(order.pay_by.astimezone(told.zone))
    return Letter(
        subject=_("Order %(number)s: your payment did not go through", number=order.number),
        preview=_("You can pay in another way until %(time)s.", time=until),
        heading=_("Your payment did not go through"),
        paragraphs=[
            _("The bank did not let your payment of %(total)s through.", total=told.total),
            _(
                "Your products are still set aside. Please pay in another way until %(time)s; "
                "after that they go back on sale.",
                time=until,
            ),
        ],
        sums=sums_of(order, told.language, told.total_words),
        action=(told.url, _("Pay now")),
        why=told.why(),
    )


def paid_late(told: Told) -> Letter:
    """The money is here, after the order's day could still be packed for."""
    order = told.order
    what = _(
        "Your payment of %(total)s has arrived, too late for %(day)s.",
        total=told.total,
        day=date_text(order.pickup_on, "day"),
    )
    return Letter(
        subject=_("Order %(number)s: your payment came after the day", number=order.number),
        preview=what,
        heading=_("Your payment came after the day"),
        paragraphs=[
            what,
            _("The shop now offers you another day, or pays the money back. We write to you."),
        ],
        action=told.see(),
        why=told.why(),
    )


def decide_about_late(told: Told) -> Letter:
    """For the shop: an order was paid too late for its day, and somebody must decide."""
    order = told.order
    what = _(
        "%(total)s from %(name)s arrived too late for %(day)s.",
        total=told.total,
        name=order.contact_name,
        day=date_text(order.pickup_on, "day"),
    )
    return Letter(
        subject=_("Order %(number)s: paid too late for its day", number=order.number),
        preview=what,
        heading=_("An order was paid too late for its day"),
        paragraphs=[what, _("Offer another day, or pay the money back. The shopper waits for it.")],
        sums=sums_of(order, told.language, told.total_words),
        action=(told.url, _("Decide about the order")),
        why=for_the_shop(),
    )


def moved(told: Told) -> Letter:
    """The shop has chosen another day; the shopper may say no."""
    order = told.order
    assert order.refuse_by is not None, "set when it was moved"
    until = datetime_text(order.refuse_by.astimezone(told.zone))
    return Letter(
        subject=_(
            "Order %(number)s: collect it on %(day)s",
            number=order.number,
            day=date_text(order.pickup_on, "short_day"),
        ),
        preview=_("Collect it at %(where)s.", where=told.where),
        heading=_("Your order has another day"),
        paragraphs=[
            _("Your payment came too late for the first day, so we pack your order for another."),
            _("Collect it at %(where)s.", where=told.where),
            _(
                "It does not suit you? Say so on the page of your order until %(time)s, "
                "and your money goes back to you.",
                time=until,
            ),
        ],
        sums=sums_of(order, told.language, told.total_words),
        action=told.see(),
        why=told.why(),
    )


def stuck(told: Told) -> Letter:
    """For the shop: nobody can see how an order or a refund stands, or a debit does not end."""
    order = told.order
    what = _(
        "Nobody can see at the moment how the money of order %(number)s stands.",
        number=order.number,
    )
    return Letter(
        subject=_("Order %(number)s: money that nobody can see", number=order.number),
        preview=what,
        heading=_("Stripe cannot be asked about an order"),
        paragraphs=[
            what,
            _(
                "Sheaf keeps asking. Pay nothing back and hand nothing over on trust until it is "
                "clear. If you changed your keys or your Stripe account, connect it again."
            ),
        ],
        action=(told.url, _("Open the order")),
        why=for_the_shop(),
    )


def refund_failed(told: Told, refund: Refund) -> Letter:
    """Money that was to go back has not; an earlier mail that said so is void."""
    order, amount = told.order, money_text(refund.amount)
    what = _("Paying %(amount)s back to you did not work.", amount=amount)
    void = _("Our earlier mail, which said that %(amount)s was paid back, is void.", amount=amount)
    return Letter(
        subject=_("Order %(number)s: %(amount)s not paid back", number=order.number, amount=amount),
        preview=what,
        heading=_("Your money has not come back"),
        paragraphs=[
            what,
            *([void] if refund.succeeded_at is not None else []),
            _("The shop knows, and has to settle it with you. You can answer this mail."),
        ],
        action=told.see(),
        why=told.why(),
    )


def refund_needs_you(told: Told, refund: Refund) -> Letter:
    """For those who handle the shop's money: a refund failed, why, and what to do."""
    order, amount = told.order, money_text(refund.amount)
    what = _(
        "%(amount)s could not be paid back to %(name)s.", amount=amount, name=order.contact_name
    )
    return Letter(
        subject=_("Order %(number)s: a refund failed", number=order.number),
        preview=what,
        heading=_("A refund failed"),
        paragraphs=[what, _(why_it_failed(refund.failure)), _("The shopper has been told.")],
        action=(told.url, _("Open the order")),
        why=for_the_shop(),
    )
