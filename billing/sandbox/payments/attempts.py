"""Tries to pay a session."""

from typing import Literal

from billing.sandbox.cards import Means
from billing.sandbox.payments.objects import add_charge, intent_of, open_session
from billing.sandbox.payments.outcomes import capture, complete, fail
from billing.sandbox.resources import disputes
from billing.sandbox.store import Thing
from billing.sandbox.world import World

Outcome = Literal["paid", "processing", "challenge", "declined", "closed"]


def attempt(world: World, account: str, session_id: str, means: Means) -> Outcome:
    """One try to pay an open session; "closed" when it is already paid, expired or not there."""
    with world.store.transaction():
        session = open_session(world, account, session_id)
        if session is None:
            return "closed"
        intent = intent_of(world, account, session)
        if means.kind == "card" and world.switches.take("decline_next"):
            return _decline(world, account, intent, means, "generic_decline")
        if means.result == "declined":
            return _decline(world, account, intent, means, means.decline_code)
        if means.result == "authentication":
            return _challenge(world, account, intent, means)
        if means.result == "succeeds":
            return _succeed(world, account, session, intent, means)
        return _process(world, account, session, intent, means)


def answer_challenge(world: World, account: str, session_id: str, *, approved: bool) -> Outcome:
    """The bank's word on a challenged attempt."""
    with world.store.transaction():
        session = open_session(world, account, session_id)
        intent = session and world.store.find(
            account, "payment_intent", session["payment_intent"] or ""
        )
        if not session or not intent or intent["status"] != "requires_action":
            return "closed"
        means = Means(**intent["_means"])
        if approved:
            return _succeed(world, account, session, intent, means)
        error = {
            "type": "invalid_request_error",
            "code": "payment_intent_authentication_failure",
            "message": "The provided PaymentMethod has failed authentication.",
        }
        fail(world, account, intent, error)
        return "declined"


def _decline(world: World, account: str, intent: Thing, means: Means, decline_code: str) -> Outcome:
    message = "Your card was declined."
    if decline_code == "insufficient_funds":
        message = "Your card has insufficient funds."
    failure = {"failure_code": "card_declined", "failure_message": message, "status": "failed"}
    charge = add_charge(world, account, intent, means, **failure)
    world.emit(account, "charge.failed", charge)
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": decline_code,
        "message": message,
        "charge": charge["id"],
    }
    fail(world, account, {**intent, "latest_charge": charge["id"]}, error)
    return "declined"


def _challenge(world: World, account: str, intent: Thing, means: Means) -> Outcome:
    url = f"{world.base_url}/c/authenticate/{intent['_session']}"
    challenged = {
        **intent,
        "status": "requires_action",
        "last_payment_error": None,
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": url}},
        "_means": vars(means),
    }
    world.store.save(account, "payment_intent", challenged)
    world.emit(account, "payment_intent.requires_action", challenged)
    return "challenge"


def _succeed(world: World, account: str, session: Thing, intent: Thing, means: Means) -> Outcome:
    charge = add_charge(world, account, intent, means, status="pending")
    capture(world, account, intent, charge)
    complete(world, account, session, payment_status="paid")
    if means.disputed_as:
        disputes.open_dispute(world, account, charge["id"], reason=means.disputed_as)
    return "paid"


def _process(world: World, account: str, session: Thing, intent: Thing, means: Means) -> Outcome:
    charge = add_charge(world, account, intent, means, status="pending")
    processing = {
        **intent,
        "status": "processing",
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
        "_settles_at": world.now() + world.settle_after,
        "_arrives": means.result == "arrives_later",
    }
    world.store.save(account, "payment_intent", processing)
    world.emit(account, "charge.pending", charge)
    world.emit(account, "payment_intent.processing", processing)
    complete(world, account, session, payment_status="unpaid")
    return "processing"
