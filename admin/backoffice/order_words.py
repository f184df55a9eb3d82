"""Orders in words: their states, what happened to them, and the money that moved."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import gettext

from billing.connections.models import PaymentMethod
from billing.payments.models import Payment, PaymentState
from billing.refunds.models import Refund, RefundState
from kernel.clock import now
from kernel.errors import N_
from kernel.i18n import choose_zone, date_text, money_text, time_text
from kernel.money import Money
from storefront.fulfilment.queries import Fee, OrderFile
from storefront.fulfilment.rules import Queue
from storefront.orders.balance import Balance
from storefront.orders.balance_words import words_for_shop
from storefront.orders.models import (
    CancelCause,
    Order,
    OrderEvent,
    OrderEventKind,
    OrderState,
    PaidState,
)
from storefront.orders.queries import find_balance
from storefront.orders.refund_failures import why_it_failed
from storefront.orders.rules import OPEN

QUEUES = {
    Queue.TO_PAY: N_("To pay"),
    Queue.TO_PREPARE: N_("To prepare"),
    Queue.READY: N_("Ready"),
    Queue.COLLECTED: N_("Collected"),
    Queue.CANCELLED: N_("Cancelled"),
    Queue.REFUNDED: N_("Refunded"),
}
# Words and the tone of their badge.
STATES = {
    OrderState.AWAITING_PAYMENT: (N_("To pay"), "warn"),
    OrderState.TO_DECIDE: (N_("Paid too late"), "warn"),
    OrderState.TO_PREPARE: (N_("To prepare"), "info"),
    OrderState.READY: (N_("Ready"), "ok"),
    OrderState.COLLECTED: (N_("Collected"), "neutral"),
    OrderState.CANCELLED: (N_("Cancelled"), "neutral"),
}
PAID = {
    PaidState.UNPAID: (N_("Not paid"), "neutral"),
    PaidState.PAID: (N_("Paid"), "ok"),
    PaidState.PART_REFUNDED: (N_("Partly refunded"), "neutral"),
    PaidState.REFUNDED: (N_("Refunded"), "neutral"),
}
# Sums of a balance that say more than the paid state, the first that is not zero is told.
MOVING = {
    "back_failed": (N_("Refund failed"), "danger"),
    "unknown": (N_("Payment unclear"), "warn"),
    "back_unknown": (N_("Refund unclear"), "warn"),
    "disputed": (N_("Disputed"), "danger"),
    "to_hand_back": (N_("To be handed back"), "warn"),
    "under_way": (N_("Payment under way"), "info"),
    "going_back": (N_("Refund on its way"), "info"),
}
PAYMENTS = {
    PaymentState.REQUESTED: N_("Not paid yet"),
    PaymentState.OPEN: N_("Waiting for the online payment"),
    PaymentState.WAITING: N_("Waiting for the shopper to pay as Stripe told them"),
    PaymentState.PROCESSING: N_("The bank is still working on the payment"),
    PaymentState.FAILED: N_("The online payment failed"),
    PaymentState.EXPIRED: N_("No longer to be paid"),
    PaymentState.SUCCEEDED: N_("Paid online"),
}
REFUNDS = {
    RefundState.REQUESTED: N_("Refund on its way"),
    RefundState.PENDING: N_("Refund on its way"),
    RefundState.SUCCEEDED: N_("Refunded"),
    RefundState.FAILED: N_("Refund failed"),
}
HAPPENED = {
    OrderEventKind.PLACED: N_("Order placed"),
    OrderEventKind.READY: N_("Marked ready"),
    OrderEventKind.COLLECTED: N_("Handed over"),
    OrderEventKind.CANCELLED: N_("Cancelled"),
    OrderEventKind.TAKEN_UP_AGAIN: N_("Taken up again, because the payment arrived after all"),
    OrderEventKind.PAID_TOO_LATE: N_("The payment came too late and goes back to the shopper"),
    OrderEventKind.REFUND_REQUESTED: N_("Refund of {amount} started"),
    OrderEventKind.REFUNDED: N_("{amount} refunded"),
    OrderEventKind.REFUND_FAILED: N_("Refund of {amount} failed"),
    OrderEventKind.PAYMENT_FAILED: N_("The payment failed; the shopper may pay in another way"),
    OrderEventKind.STOCK_RELEASED: N_("Products back on sale, because the money took too long"),
    OrderEventKind.PAID_LATE: N_("The money came too late for the day"),
    OrderEventKind.MOVED: N_("Moved to another day"),
    OrderEventKind.SETTLED: N_("{amount} settled with the shopper in another way"),
    OrderEventKind.WENT_ON: N_("Went on all the same"),
}
CANCELLED = {
    CancelCause.UNPAID: N_("Cancelled, because it was not paid in time"),
    CancelCause.SHOP: N_("Cancelled"),
    CancelCause.PAYMENT_FAILED: N_("Cancelled, because the payment failed"),
    CancelCause.SHOP_STOPPED: N_("Ended, because the shop takes no orders"),
    CancelCause.DAY_REFUSED: N_("Ended, because the shopper did not want the other day"),
}
ENDS = {
    OrderState.COLLECTED: OrderEventKind.COLLECTED,
    OrderState.CANCELLED: OrderEventKind.CANCELLED,
}
MADE_AT_STRIPE = "stripe"


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One payment or refund as the order page shows it; money that went back is negative."""

    words: str
    at: datetime | None
    by: str
    note: str
    amount: Money
    fee: Fee | None
    moved: bool


def say(words: str, **facts: object) -> str:
    """Words marked with N_() in the reader's language, filled in."""
    return str(gettext(words)).format(**facts)


def state_words(order: Order) -> tuple[str, str]:
    """Where the order stands, and the tone of the badge that says so."""
    words, tone = STATES[order.state]
    return say(words), tone


def paid_words(order: Order, balance: Balance) -> tuple[str, str]:
    """How the order stands with money, and the tone of the badge that says so: first what needs
    somebody, then what is under way, then what has been."""
    for name, (words, tone) in MOVING.items():
        if getattr(balance, name):
            return say(words), tone
    if order.paid_state is not PaidState.UNPAID or order.state is OrderState.CANCELLED:
        words, tone = PAID[order.paid_state]
        return say(words), tone
    by_hand = order.method is PaymentMethod.AT_PICKUP
    return say(N_("Pays at pick-up") if by_hand else N_("Pays online")), "warn"


def moment(at: datetime) -> str:
    """An instant as people say it; its year only when that is not this one."""
    zone = ZoneInfo(choose_zone())
    this_year = at.astimezone(zone).year == now().astimezone(zone).year
    day = date_text(at, "short_day" if this_year else "medium")
    return say(N_("{day}, {time}"), day=day, time=time_text(at))


def today() -> date:
    """The day it is in the shop."""
    return now().astimezone(ZoneInfo(choose_zone())).date()


def is_late(order: Order) -> bool:
    """Whether the pick-up day has passed and the order is still here."""
    return order.state in OPEN and order.pickup_on < today()


def refund_words(order: Order, amount: Money, *, handed_back: bool) -> str:
    """What becomes of a refund that was just asked for, and what the person must do."""
    if order.method is not PaymentMethod.AT_PICKUP:
        words = N_("{amount} is to go back to {name}; Stripe has been asked.")
    elif handed_back:
        words = N_("{amount} is recorded as handed back to {name}.")
    else:
        words = N_("{amount} waits to be handed back to {name}. Say so here when it is done.")
    return say(words, amount=money_text(amount), name=order.contact_name)


def cancelled_words(order: Order) -> str:
    """What has become of an order that was just cancelled, and of its money."""
    words = [say(N_("Order {number} is cancelled."), number=order.number)]
    return " ".join([*words, *words_for_shop(find_balance(order), ended=True)])


def ended_words(order: Order) -> str:
    """How an order ended, when, by whom and why; empty while it is open."""
    wanted = ENDS.get(order.state)
    if wanted is None:
        return ""
    event = next(event for event in reversed(order.events) if event.kind is wanted)
    facts = [_happened(event, order, set()), moment(event.at), event.actor_name, event.note]
    return " · ".join(filter(None, facts))


def timeline_of(file: OrderFile) -> list[dict[str, object]]:
    """What happened, newest first, as ui/progress.html wants it."""
    by_hand = {one.id for one in file.payments if one.method is PaymentMethod.AT_PICKUP}
    asked = OrderEventKind.REFUND_REQUESTED
    asked_for = {event.reference for event in file.order.events if event.kind is asked}
    return [
        {
            "text": _happened(event, file.order, by_hand),
            "at": " · ".join(filter(None, [moment(event.at), event.actor_name])),
            "note": _note(event, asked_for),
            "now": place == 0,
        }
        for place, event in enumerate(reversed(file.order.events))
    ]


def money_rows(file: OrderFile) -> list[MoneyRow]:
    """Every payment and refund, oldest first, and who took or gave the money."""
    people = {event.reference: event.actor_name for event in file.order.events if event.reference}
    paid = [_payment_row(one, people, file.fees.get(one.id)) for one in file.payments]
    return paid + [_refund_row(one, people, file.fees.get(one.id)) for one in file.refunds]


def _happened(event: OrderEvent, order: Order, by_hand: set[UUID]) -> str:
    amount = money_text(Money(event.amount_minor or 0, order.currency))
    if event.kind is OrderEventKind.PAID:
        taken = event.reference in by_hand
        words = N_("{amount} taken at pick-up") if taken else N_("{amount} paid online")
    elif event.kind is OrderEventKind.CANCELLED:
        words = CANCELLED[order.cancel_cause or CancelCause.SHOP]
    else:
        words = HAPPENED[event.kind]
    return say(words, amount=amount)


def _note(event: OrderEvent, asked_for: set[UUID | None]) -> str:
    if event.kind is OrderEventKind.REFUND_FAILED:
        return say(why_it_failed(event.note))
    if event.kind is OrderEventKind.REFUNDED and event.reference in asked_for:
        return ""  # the reason stands where it was asked for
    return _reason(event.note)


def _reason(text: str) -> str:
    return say(N_("Made in Stripe's dashboard")) if text == MADE_AT_STRIPE else text


def _payment_row(payment: Payment, people: dict[UUID, str], fee: Fee | None) -> MoneyRow:
    arrived = payment.state is PaymentState.SUCCEEDED
    if payment.method is PaymentMethod.AT_PICKUP and arrived:
        words = say(N_("Taken at pick-up"))
    elif arrived and payment.last4:
        words = say(N_("Paid online, card ending in {last4}"), last4=payment.last4)
    elif payment.method is PaymentMethod.AT_PICKUP and payment.state is PaymentState.REQUESTED:
        words = say(N_("To be paid at pick-up"))
    else:
        words = say(PAYMENTS[payment.state])
    if payment.unknown_since is not None and not arrived:
        words = say(N_("Nobody can see yet whether this was paid"))
    by = people.get(payment.id, "")
    return MoneyRow(words, payment.occurred_at, by, "", payment.amount, fee, arrived)


def _refund_row(refund: Refund, people: dict[UUID, str], fee: Fee | None) -> MoneyRow:
    words = say(REFUNDS[refund.state])
    failed = refund.state is RefundState.FAILED
    note = say(why_it_failed(refund.failure)) if failed else _reason(refund.reason)
    at = refund.succeeded_at or refund.requested_at
    by = people.get(refund.id, "")
    return MoneyRow(words, at, by, note, -refund.amount, fee, not failed)
