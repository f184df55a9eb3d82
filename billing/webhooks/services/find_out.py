"""From an event to what is true now: the object is read again at Stripe, the event is a hint."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from billing import gateway
from billing.connections.queries import find_connection, get_credentials_by_account
from billing.connections.services import apply_account, note_lost_access
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
    intent_ref = str(_object(event).get("payment_intent") or "")
    with transaction():
        payment = find_payment_by_intent(intent_ref, account_ref=event.account_ref)
        credentials = get_credentials_by_account(event.account_ref)
    if payment is None:
        payment = _look_up(intent_ref, event.account_ref, credentials)
    if payment is None:
        return None
    session = read_session(payment.id) if payment.state is not PaymentState.SUCCEEDED else None
    told = gateway.list_refunds(credentials=credentials, payment_id=intent_ref)
    return partial(_apply_refunds, payment.id, session, told)


def _apply_refunds(
    payment_id: UUID, session: gateway.CheckoutSession | None, told: Sequence[gateway.Refund]
) -> None:
    if session is not None:  # the news that it was paid may come after the news of its refund
        apply_session(payment_id=payment_id, session=session)
    apply_refunds(payment_id=payment_id, told=told)


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
