"""What the shop writes to its shoppers, by what happened, how they pay and where they collect."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext

from billing.connections.models import PaymentMethod
from billing.refunds.models import Refund
from kernel.i18n import date_text, money_text, time_text
from kernel.money import Money
from storefront.notices.letters import Letter, sums_of
from storefront.orders.models import CancelCause, Order, PaidState
from storefront.orders.rules import readable_code


def _(message: str, **facts: object) -> str:
    return str(gettext(message, **facts))


@dataclass(frozen=True)
class Told:
    """An order and what a letter needs besides it."""

    order: Order
    language: str
    zone: ZoneInfo
    url: str

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
                _("Thank you, %(name)s. We have set your products aside.", name=order.contact_name),
                _(
                    "Please pay by %(time)s. After that they go back on sale, "
                    "and nothing is charged.",
                    time=until,
                ),
            ],
            sums=sums_of(order, told.language, told.total_words),
            action=(told.url, _("Pay now")),
            why=told.why(),
        )
    return Letter(
        subject=_("Order %(number)s: we have it", number=order.number),
        preview=_("Collect it at %(where)s.", where=told.where),
        heading=_("Thank you, %(name)s. Your order is in.", name=order.contact_name),
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


def cancelled(told: Told, on_its_way: Money) -> Letter:
    """The order is over, why, and what becomes of the money."""
    order = told.order
    if order.cancel_cause is CancelCause.UNPAID:
        reason = _("It was not paid in time, so its products are on sale again.")
    else:
        reason = _("The reason: %(reason)s", reason=order.cancel_reason)
    money = (
        _("Your %(amount)s is on its way back to you.", amount=money_text(on_its_way))
        if on_its_way
        else _("Nothing was charged.")
    )
    return Letter(
        subject=_("Order %(number)s is cancelled", number=order.number),
        preview=reason,
        heading=_("Your order is cancelled"),
        paragraphs=[reason, money],
        action=told.see(),
        why=told.why(),
    )


def paid_too_late(told: Told, on_its_way: Money) -> Letter:
    """Money came for an order that could not be taken up again."""
    order = told.order
    return Letter(
        subject=_("Order %(number)s: your payment came too late", number=order.number),
        preview=_("Your money goes back to you."),
        heading=_("Your payment came too late"),
        paragraphs=[
            _("The order was over when it arrived, and its products are no longer set aside."),
            _(
                "We have sent the %(amount)s back. You need not do anything.",
                amount=money_text(on_its_way),
            ),
        ],
        action=told.see(),
        why=told.why(),
    )


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
    why = [_("The reason: %(reason)s", reason=refund.reason)] if refund.reason else []
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
        why=_("You get this mail because you work in this shop."),
    )


def sign_in_code(code: str) -> Letter:
    """The six figures that show someone their own orders."""
    return Letter(
        subject=_("Your code"),  # lists show subjects, so the code is not in it
        preview=_("It is good for 15 minutes."),
        heading=_("Your code"),
        paragraphs=[_("Type it in where you asked for it. It is good for 15 minutes.")],
        code=code,
        afterwards=[_("You did not ask for it? Then leave it; nobody can see your orders.")],
        why=_("You get this mail because this address was entered in our shop."),
    )


def _bring(told: Told) -> list[str]:
    if not told.unpaid_at_pickup:
        return []
    return [_("You pay %(total)s when you collect.", total=told.total)]
