"""From an event to what is true now: the object is read again at Stripe, the event is a hint."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from billing import gateway
from billing.connections.queries import find_connection, get_credentials_by_account
from billing.connections.services import apply_account, note_lost_access
from billing.disputes.services import apply_dispute
from billing.payments.errors import PaymentNotFound
from billing.payments.models import Payment, PaymentState
from billing.payments.queries import (
    find_payment_by_intent,
    find_payment_by_session,
    get_payment,
)
from billing.payments.services import apply_session
from billing.payments.services.apply import read_session
from billing.refunds.services import apply_refunds
from billing.webhooks.models import ProviderEvent
from kernel.db import transaction

Effect = Callable[[], None]


def find_out(event: ProviderEvent) -> Effect | None:
    """What to apply because of an event, or None when it concerns nothing of ours. Calls out."""
    if event.type == "account.application.deauthorized":
        return _connected_account(event)
    kinds = {
        "account": _connected_account,
        "checkout.session": _payment,
        "payment_intent": _payment,
        "charge": _payment,
        "dispute": _dispute,
        "refund": _refund,
    }
    find = kinds.get(event.object_kind)
    return find(event) if find is not None else None


def _connected_account(event: ProviderEvent) -> Effect | None:
    with transaction():
        found = find_connection()
        if found is None or found.account_ref != event.account_ref:
            return None
    credentials = gateway.connected(event.account_ref)
    try:
        account = gateway.get_account(credentials=credentials)
    except gateway.GatewayAuthFailed:
        if not note_lost_access(credentials=credentials):
            raise  # our own key is what fails: how the account stands nobody can know
        return _nothing_more
    return partial(apply_account, account=account)


def _nothing_more() -> None:
    """What the event was about has been recorded already."""


def _payment(event: ProviderEvent) -> Effect | None:
    with transaction():
        thing = _object(event)
        payment = find_payment_by_session(event.object_ref, account_ref=event.account_ref)
        payment = payment or _named(thing, event.account_ref)
    if payment is None:
        return None
    session = read_session(payment.id)
    if session is None:
        return None
    return partial(apply_session, payment_id=payment.id, session=session)


def _refund(event: ProviderEvent) -> Effect | None:
    found = _behind(event)
    if found is None:
        return None
    payment, intent_ref, credentials = found
    session = _unless_known(payment)
    told = gateway.list_refunds(credentials=credentials, payment_id=intent_ref)
    return _then(payment, session, partial(apply_refunds, payment_id=payment.id, told=told))


def _dispute(event: ProviderEvent) -> Effect | None:
    found = _behind(event)
    if found is None:
        return None
    payment, _intent_ref, credentials = found
    session = _unless_known(payment)
    told = gateway.get_dispute(credentials=credentials, dispute_id=event.object_ref)
    return _then(payment, session, partial(apply_dispute, payment_id=payment.id, told=told))


def _behind(event: ProviderEvent) -> tuple[Payment, str, gateway.Credentials] | None:
    """The payment that a refund or dispute is about."""
    intent_ref = str(_object(event).get("payment_intent") or "")
    with transaction():
        payment = find_payment_by_intent(intent_ref, account_ref=event.account_ref)
        credentials = get_credentials_by_account(event.account_ref)
    payment = payment or _look_up(intent_ref, event.account_ref, credentials)
    return (payment, intent_ref, credentials) if payment is not None else None


def _unless_known(payment: Payment) -> gateway.CheckoutSession | None:
    return read_session(payment.id) if payment.state is not PaymentState.SUCCEEDED else None


def _then(
    payment: Payment, session: gateway.CheckoutSession | None, apply: Callable[[], object]
) -> Effect:
    def effect() -> None:
        if session is not None:  # the news that it was paid may come after what followed from it
            apply_session(payment_id=payment.id, session=session)
        apply()

    return effect


def _look_up(intent_ref: str, account_ref: str, credentials: gateway.Credentials) -> Payment | None:
    """A payment whose own news we have not worked yet, by what Stripe keeps beside it."""
    if not intent_ref:
        return None
    intent = gateway.get_payment(credentials=credentials, payment_id=intent_ref)
    with transaction():
        return _named({"metadata": intent.metadata}, account_ref)


def _named(thing: dict[str, Any], account_ref: str) -> Payment | None:
    """The payment that a thing's metadata names: a hint only, the re-read decides."""
    name = gateway.named(thing.get("metadata") or {}, "payment")
    if name is None:
        return None
    try:
        payment = get_payment(name)
    except PaymentNotFound:
        return None
    return payment if payment.account_ref == account_ref else None


def _object(event: ProviderEvent) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(event.raw)
    thing: dict[str, Any] = body["data"]["object"]
    return thing
