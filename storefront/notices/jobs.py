"""Which mail follows which news. Posted in the job's own transaction, so once per news."""

from collections.abc import Callable
from uuid import UUID

from flask import current_app

from billing.connections.models import PaymentMethod
from billing.refunds.models import RefundState
from billing.refunds.queries import get_refund
from kernel.i18n import speaking
from kernel.jobs import job
from kernel.scope import current_tenant_id
from kernel.settings import settings
from kernel.web import SheafFlask
from storefront.notices import late_words, words
from storefront.notices.letters import Letter
from storefront.notices.post import post_about_order, write_code
from storefront.notices.words import Told
from storefront.orders.models import Order, OrderState
from storefront.orders.queries import find_balance, find_order, get_order, list_orders_of
from storefront.orders.rules import order_token
from storefront.shoppers.queries import find_email_to_prove
from storefront.shoppers.services import make_code
from tenants.accounts.queries import get_tenant, shop_origin, shop_state
from tenants.people.queries import get_person, list_members
from tenants.people.rules import Permission, may_now


@job
def on_order_placed(*, order_id: UUID) -> None:
    """The shopper has it in writing; the shop hears of what need not be paid first."""
    order = get_order(order_id)
    if order.state is OrderState.CANCELLED:
        return
    _write(order, "order.placed", words.placed)
    if order.method is PaymentMethod.AT_PICKUP:
        _tell_the_shop(order, "order.new", words.new_order)


@job
def on_order_paid(*, order_id: UUID) -> None:
    """The shopper has a receipt; the shop hears of what was paid online."""
    order = get_order(order_id)
    _write(order, "order.paid", words.paid)
    if order.method is PaymentMethod.STRIPE:
        _tell_the_shop(order, "order.new", words.new_order)


@job
def on_order_ready(*, order_id: UUID) -> None:
    """The shopper knows that the order can be collected, unless it already was."""
    order = get_order(order_id)
    if order.state is OrderState.READY:
        _write(order, "order.ready", words.ready)


@job
def on_order_cancelled(*, order_id: UUID) -> None:
    """The shopper knows that the order is over, unless it was taken up again."""
    order = get_order(order_id)
    if order.state is OrderState.CANCELLED:
        balance = find_balance(order)
        _write(order, "order.cancelled", lambda told: words.cancelled(told, balance))


@job
def on_order_paid_too_late(*, order_id: UUID) -> None:
    """The shopper knows that the money came, and what becomes of it."""
    order = get_order(order_id)
    balance = find_balance(order)
    _write(order, "order.paid_too_late", lambda told: words.paid_too_late(told, balance))


@job
def on_order_refunded(*, order_id: UUID, refund_id: UUID) -> None:
    """The shopper knows how much has come back, unless it has bounced since."""
    refund = get_refund(refund_id)
    if refund.state is RefundState.SUCCEEDED:
        _write(get_order(order_id), "order.refunded", lambda told: words.refunded(told, refund))


@job
def on_refund_failed(*, order_id: UUID, refund_id: UUID) -> None:
    """Those who handle money in the shop know what to do next; the shopper knows that it failed,
    and that an earlier mail of it is void. A sum that has found its way meanwhile troubles nobody.
    """
    order, refund = get_order(order_id), get_refund(refund_id)
    if not find_balance(order).back_failed:
        return
    _write(order, "refund.failed", lambda told: late_words.refund_failed(told, refund))
    _tell_the_shop(
        order, "refund.needs_you", lambda told: late_words.refund_needs_you(told, refund),
        handling=Permission.REFUND_ORDERS,
    )  # fmt: skip


@job
def on_order_waits(*, order_id: UUID) -> None:
    """The shopper knows that the payment is under way, unless it has ended since."""
    order = get_order(order_id)
    balance = find_balance(order)
    if order.state is OrderState.AWAITING_PAYMENT and balance.under_way + balance.unknown:
        _write(order, "order.waits", lambda told: late_words.waits(told, balance))


@job
def on_payment_failed(*, order_id: UUID) -> None:
    """The shopper knows that another way of paying is wanted, and until when."""
    order = get_order(order_id)
    if order.state is OrderState.AWAITING_PAYMENT:
        _write(order, "order.payment_failed", late_words.payment_failed)


@job
def on_order_paid_late(*, order_id: UUID) -> None:
    """The shop is asked for another day; the shopper knows that it is."""
    order = get_order(order_id)
    if order.state is OrderState.TO_DECIDE:
        _write(order, "order.paid_late", late_words.paid_late)
        _tell_the_shop(
            order, "order.decide", late_words.decide_about_late, handling=Permission.CANCEL_ORDERS
        )


@job
def on_order_moved(*, order_id: UUID) -> None:
    """The shopper knows the other day, and that it can be refused."""
    order = get_order(order_id)
    if order.state in (OrderState.TO_PREPARE, OrderState.READY) and order.refuse_by is not None:
        _write(order, "order.moved", late_words.moved)


@job
def on_money_unknown(*, payable_id: UUID) -> None:
    """Those who handle the shop's money know that nobody can see how an order's stands, unless it
    has become clear since."""
    order = find_order(payable_id)
    balance = find_balance(order) if order is not None else None
    if order is not None and balance is not None and balance.unknown + balance.back_unknown:
        _tell_the_shop(order, "money.unknown", late_words.stuck, handling=Permission.REFUND_ORDERS)


@job(queue="urgent")
def on_code_asked(*, code_id: UUID, language: str) -> None:
    """The code is on its way to an address that has ordered here; to any other nothing is."""
    email = find_email_to_prove(code_id)
    if email is not None and list_orders_of(email):
        with speaking(language):
            write_code(email, make_code(code_id=code_id))


def _write(order: Order, kind: str, compose: Callable[[Told], Letter]) -> None:
    token = order_token(order.id, current_tenant_id())
    url = shop_origin(current_tenant_id()) + _path("shop", "shop.show_order", token=token)
    post_about_order(order, kind, compose, to=order.contact_email, language=order.language, url=url)


def _tell_the_shop(
    order: Order,
    kind: str,
    compose: Callable[[Told], Letter],
    *,
    handling: Permission = Permission.SEE_ORDERS,
) -> None:
    """Everyone of the shop whose role carries this, each in their language."""
    url = office_order_url(order)
    state = shop_state()
    for member in list_members():
        if may_now(member.role, handling, state):
            post_about_order(
                order, kind, compose, to=member.email,
                language=get_person(member.person_id).language, url=url,
            )  # fmt: skip


def office_order_url(order: Order) -> str:
    """Where the shop's people find the order."""
    slug = get_tenant(current_tenant_id()).slug
    path = _path("app", "backoffice.show_order", slug=slug, number=order.number)
    return settings().app_origin + path


def _path(surface: str, endpoint: str, **values: str | int) -> str:
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy's object
    assert isinstance(app, SheafFlask), "the one app there is"
    return app.surface_path(surface, endpoint, **values)
