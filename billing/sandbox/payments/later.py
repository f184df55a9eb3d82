"""What time does to payments: delayed money arrives or fails, sessions expire."""

from billing.sandbox.payments.outcomes import capture, fail
from billing.sandbox.store import Thing
from billing.sandbox.world import World


def settle_due(world: World) -> int:
    """Let delayed payments whose time has come arrive or fail; returns how many."""
    due = [
        (account, intent)
        for account, intent in world.store.list_everywhere("payment_intent")
        if intent["status"] == "processing" and intent["_settles_at"] <= world.now()
    ]
    return sum(_settle(world, account, intent["id"]) for account, intent in due)


def settle_all(world: World) -> int:
    """Like `settle_due`, without waiting for the time."""
    processing = [
        (account, intent["id"])
        for account, intent in world.store.list_everywhere("payment_intent")
        if intent["status"] == "processing"
    ]
    return sum(_settle(world, account, intent_id) for account, intent_id in processing)


def expire_due(world: World) -> None:
    """Expire every open session whose time is over."""
    for account, session in world.store.list_everywhere("checkout.session"):
        if session["status"] == "open" and session["expires_at"] <= world.now():
            with world.store.transaction():
                current = world.store.find(account, "checkout.session", session["id"])
                if current is not None and current["status"] == "open":
                    expire(world, account, current)


def expire(world: World, account: str, session: Thing) -> Thing:
    """Nobody can pay the session from now on; its unfinished payment is cancelled."""
    expired = {**session, "status": "expired", "url": None}
    world.store.save(account, "checkout.session", expired)
    intent = world.store.find(account, "payment_intent", session["payment_intent"] or "")
    if intent is not None:
        cancelled = {
            **intent,
            "status": "canceled",
            "canceled_at": world.now(),
            "cancellation_reason": "expired",
        }
        world.store.save(account, "payment_intent", cancelled)
        world.emit(account, "payment_intent.canceled", cancelled)
    world.emit(account, "checkout.session.expired", expired)
    return expired


def _settle(world: World, account: str, intent_id: str) -> bool:
    with world.store.transaction():
        intent = world.store.find(account, "payment_intent", intent_id)
        if intent is None or intent["status"] != "processing":
            return False  # another thread was first
        charge = world.store.find(account, "charge", intent["latest_charge"])
        session = world.store.find(account, "checkout.session", intent["_session"])
        assert charge is not None, "a processing payment has a charge"
        assert session is not None, "and a session"
        if intent["_arrives"]:
            capture(world, account, intent, charge)
            paid = {**session, "payment_status": "paid"}
            world.store.save(account, "checkout.session", paid)
            world.emit(account, "checkout.session.async_payment_succeeded", paid)
        else:
            _return(world, account, intent, charge)
            world.emit(account, "checkout.session.async_payment_failed", session)
        return True


def _return(world: World, account: str, intent: Thing, charge: Thing) -> None:
    message = "The bank returned the debit."
    failure = {"failure_code": "insufficient_funds", "failure_message": message, "status": "failed"}
    failed = {**charge, **failure}
    world.store.save(account, "charge", failed)
    world.emit(account, "charge.failed", failed)
    error = {"type": "card_error", "code": "insufficient_funds", "message": message}
    fail(world, account, intent, error)
