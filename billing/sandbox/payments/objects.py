"""The objects behind a payment, as they begin."""

from billing.sandbox.cards import Means
from billing.sandbox.store import Thing
from billing.sandbox.world import World, new_id

PAYABLE = "requires_payment_method"


def open_session(world: World, account: str, session_id: str) -> Thing | None:
    """The session when it can still be paid."""
    session = world.store.find(account, "checkout.session", session_id)
    if session is None or session["status"] != "open" or session["expires_at"] <= world.now():
        return None
    return session


def intent_of(world: World, account: str, session: Thing) -> Thing:
    found = world.store.find(account, "payment_intent", session["payment_intent"] or "")
    if found is not None:
        return found
    given = session["_intent"]
    intent_id = new_id("pi")
    intent = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "application_fee_amount": session["_fee"] or None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": session["currency"],
        "description": given.get("description"),
        "livemode": False,
        "metadata": given["metadata"],
        "payment_method_types": session["payment_method_types"],
        "status": PAYABLE,
        "_session": session["id"],
    }
    world.store.add(account, "payment_intent", intent)
    # As at Stripe, a session has no payment intent before somebody tries to pay.
    world.store.save(account, "checkout.session", {**session, "payment_intent": intent_id})
    session["payment_intent"] = intent_id
    world.emit(account, "payment_intent.created", intent)
    return intent


def add_charge(world: World, account: str, intent: Thing, means: Means, **facts: object) -> Thing:
    details = {"last4": means.last4}
    if means.kind == "card":
        details["brand"] = means.brand
    charge = {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application_fee_amount": intent["application_fee_amount"],
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": False,
        "created": world.now(),
        "currency": intent["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": means.kind, means.kind: details},
        "refunded": False,
        **facts,
    }
    return world.store.add(account, "charge", charge)
