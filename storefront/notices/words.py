"""What the shop writes to its shoppers, by what happened, how they pay and where they collect."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext

from billing.connections.models import PaymentMethod
from billing.refunds.models import Refund
from billing.refunds.services.apply import OUTSIDE as MADE_AT_STRIPE
from kernel.i18n import date_text, money_text, time_text
from storefront.notices.letters import Letter, sums_of
from storefront.orders.balance import Balance
from storefront.orders.balance_words import words_for_shopper
from storefront.orders.models import CancelCause, Order, PaidState
from storefront.orders.rules import readable_code


def _(message: str, **facts: object) -> str:
    return str(gettext(message, **facts))


@dataclass(frozen=True)
class Told:
    """An order and what a letter needs besides it. What people of the shop have typed leaves the
    house only while the shop `speaks`: not while it is suspended or closed (finding D5)."""

    order: Order
    language: str
    zone: ZoneInfo
    url: str
    speaks: bool = True

    @property
    def where(self) -> str:
        """Place, address, day and hours in a sentence's part."""
        order = self.order
        return _(
            "%(place)s, %(address)s, on %(day)s from %(opens)s to %(closes)s",
            place=order.place_in(self.language),
            address=order.place_address,
            day=date_text(order.pickup_on, "day"),
            opens=time_text(order.pickup_opens),
            closes=time_text(order.pickup_closes),
        )

    @property
    def total(self) -> str:
        return money_text(self.order.total)

    @property
    def unpaid_at_pickup(self) -> bool:
        order = self.order
        return order.method is PaymentMethod.AT_PICKUP and order.paid_state is PaidState.UNPAID

    @property
    def total_words(self) -> str:
        if self.order.paid_state is not PaidState.UNPAID:
            return _("Total, paid")
        return _("To pay at pick-up") if self.unpaid_at_pickup else _("To pay")

    def see(self) -> tuple[str, str]:
        return self.url, _("See your order")

    def why(self) -> str:
        return _("You get this mail because you ordered from us.")


def placed(told: Told) -> Letter:
    """The order is in: what to do until it is collected."""
    order = told.order
    if order.pay_by is not None and order.paid_state is PaidState.UNPAID:
        until = time_text(order.pay_by.astimezone(told.zone).timetz())
        return Letter(
            subject=_("Order %(number)s: please pay by %(time)s", number=order.number, time=until),
            preview=_("Your products are set aside until then."),
            heading=_("Your order waits for your payment"),
            paragraphs=[
                _("Thank you. We have set your products aside."),
                _("Please pay by %(time)s. After that they go back on sale.", time=until),
            ],
            sums=sums_of(order, told.language, told.total_words),
            action=(told.url, _("Pay now")),
            why=told.why(),
        )
    return Letter(
        subject=_("Order %(number)s: we have it", number=order.number),
        preview=_("Collect it at %(where)s.", where=told.where),
        heading=_("Thank you. Your order is in."),
        paragraphs=[
            _("Collect it at %(where)s.", where=told.where),
            _("We write again when it is ready. Your pick-up code:"),
        ],
        code=readable_code(order.pickup_code),
        sums=sums_of(order, told.language, told.total_words),
        afterwards=_bring(told),
        action=told.see(),
        why=told.why(),
    )


def paid(told: Told) -> Letter:
    """The money is here: a receipt at the counter, or the start of packing."""
    order = told.order
    at_pickup = order.method is PaymentMethod.AT_PICKUP
    first = (
        _("You paid %(total)s at pick-up. Keep this mail as your receipt.", total=told.total)
        if at_pickup
        else _("Your payment of %(total)s has arrived, and we start packing.", total=told.total)
    )
    return Letter(
        subject=_("Order %(number)s: paid", number=order.number),
        preview=first,
        heading=_("Your order is paid"),
        paragraphs=[first]
        if at_pickup
        else [first, _("Collect it at %(where)s. Your pick-up code:", where=told.where)],
        code="" if at_pickup else readable_code(order.pickup_code),
        sums=sums_of(order, told.language, told.total_words),
        action=told.see(),
        why=told.why(),
    )


def ready(told: Told) -> Letter:
    """The order can be collected."""
    order = told.order
    return Letter(
        subject=_("Order %(number)s is ready", number=order.number),
        preview=_("Collect it at %(where)s.", where=told.where),
        heading=_("Your order is ready"),
        paragraphs=[
            _("It waits for you at %(where)s.", where=told.where),
            _("Show this code, or read it out:"),
        ],
        code=readable_code(order.pickup_code),
        sums=sums_of(order, told.language, told.total_words),
        afterwards=_bring(told),
        action=told.see(),
        why=told.why(),
    )


def cancelled(told: Told, balance: Balance) -> Letter:
    """The order is over, why, and how it stands with the money."""
    order = told.order
    reason = why_it_ended(told)
    return Letter(
        subject=_("Order %(number)s is cancelled", number=order.number),
        preview=reason,
        heading=_("Your order is cancelled"),
        paragraphs=[reason, *words_for_shopper(balance, ended=True)],
        action=told.see(),
        why=told.why(),
    )


def paid_too_late(told: Told, balance: Balance) -> Letter:
    """Money came for an order that could not be taken up again."""
    order = told.order
    if order.cancel_cause is CancelCause.UNPAID:
        subject = _("Order %(number)s: your payment came too late", number=order.number)
        heading = _("Your payment came too late")
        what = _("The order was over when it arrived, and its products are no longer set aside.")
    else:
        subject = _("Order %(number)s: your payment, and the order is over", number=order.number)
        heading = _("Your payment arrived after the order had ended")
        what = why_it_ended(told)
    return Letter(
        subject=subject,
        preview=what,
        heading=heading,
        paragraphs=[what, *words_for_shopper(balance, ended=True)],
        action=told.see(),
        why=told.why(),
    )


def why_it_ended(told: Told) -> str:
    """Why an order was cancelled, to its shopper."""
    order = told.order
    known = {
        CancelCause.UNPAID: _("It was not paid in time, so its products are on sale again."),
        CancelCause.PAYMENT_FAILED: _(
            "Your bank did not let the payment through, and the order was not paid in another way."
        ),
        CancelCause.SHOP_STOPPED: _("The shop takes no orders at the moment."),
        CancelCause.DAY_REFUSED: _("You did not want the other day, so the order is over."),
    }
    if order.cancel_cause in known:
        return known[order.cancel_cause]
    if not told.speaks:
        return _("The shop cancelled it.")
    return _("The reason: %(reason)s", reason=order.cancel_reason)


def refunded(told: Told, refund: Refund) -> Letter:
    """Money has gone back: how much, how, and why."""
    order, amount = told.order, money_text(refund.amount)
    how = (
        _("%(amount)s was handed back to you.", amount=amount)
        if order.method is PaymentMethod.AT_PICKUP
        else _(
            "%(amount)s goes back the way you paid. Your bank may need up to ten days to show it.",
            amount=amount,
        )
    )
    reason = refund.reason if told.speaks and refund.reason != MADE_AT_STRIPE else ""
    why = [_("The reason: %(reason)s", reason=reason)] if reason else []
    return Letter(
        subject=_("Order %(number)s: %(amount)s paid back", number=order.number, amount=amount),
        preview=how,
        heading=_("Money for you"),
        paragraphs=[how, *why],
        action=told.see(),
        why=told.why(),
    )


def new_order(told: Told) -> Letter:
    """For the shop's own people: something is to be packed."""
    order = told.order
    paid_words = _("It is paid.") if not told.unpaid_at_pickup else _("It is paid at pick-up.")
    return Letter(
        subject=_(
            "New order %(number)s, %(total)s, for %(day)s",
            number=order.number,
            total=told.total,
            day=date_text(order.pickup_on, "short_day"),
        ),
        preview=_("%(name)s collects at %(where)s.", name=order.contact_name, where=told.where),
        heading=_("Order %(number)s is to be packed", number=order.number),
        paragraphs=[
            _("%(name)s collects at %(where)s.", name=order.contact_name, where=told.where),
            paid_words,
            *([_("Note: %(note)s", note=order.note)] if order.note else []),
        ],
        sums=sums_of(order, told.language, told.total_words),
        action=(told.url, _("Open the order")),
        why=for_the_shop(),
    )


def sign_in_code(code: str) -> Letter:
    """The six figures that show someone their own orders."""
    return Letter(
        subject=_("Your code"),  # lists show subjects, so the code is not in it
        preview=_("It is good for ten minutes."),
        heading=_("Your code"),
        paragraphs=[_("Type it in where you asked for it. It is good for ten minutes.")],
        code=code,
        afterwards=[_("You did not ask for it? Then leave it; nobody can see your orders.")],
        why=_("You get this mail because this address was entered in our shop."),
    )


def for_the_shop() -> str:
    """Why one of the shop's people gets a mail."""
    return _("You get this mail because you work in this shop.")


def _bring(told: Told) -> list[str]:
    if not told.unpaid_at_pickup:
        return []
    return [_("You pay %(total)s when you collect.", total=told.total)]
