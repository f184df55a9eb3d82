"""How a payment ends, and what is told about it."""

from billing.sandbox.payments.objects import PAYABLE
from billing.sandbox.resources import application_fees
from billing.sandbox.store import Thing
from billing.sandbox.world import World, new_id


def capture(world: World, account: str, intent: Thing, charge: Thing) -> None:
    captured = {
        **charge,
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge["amount"],
        "balance_transaction": _enter(world, account, charge),
    }
    session = world.store.find(account, "checkout.session", intent["_session"])
    world.note(
        account,
        "capture",
        charge["amount"],
        charge["currency"],
        charge=charge["id"],
        payment_intent=intent["id"],
        session=intent["_session"],
        reference=session.get("client_reference_id") if session else None,
    )
    if charge["application_fee_amount"]:
        fee = application_fees.take(world, account, captured)
        captured["application_fee"] = fee["id"]
    world.store.save(account, "charge", captured)
    world.emit(account, "charge.succeeded", captured)
    succeeded = {
        **intent,
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    world.store.save(account, "payment_intent", succeeded)
    world.emit(account, "payment_intent.succeeded", succeeded)


def _enter(world: World, account: str, charge: Thing) -> str:
    """The charge's entry in the account's balance, made when its money is certain."""
    entry = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": charge["amount"],
        "currency": charge["currency"],
        "created": world.now(),
        "source": charge["id"],
        "type": "charge",
        "status": "pending",
    }
    return str(world.store.add(account, "balance_transaction", entry)["id"])


def complete(world: World, account: str, session: Thing, *, payment_status: str) -> None:
    email = session.get("customer_email")
    complete = {
        **session,
        "status": "complete",
        "payment_status": payment_status,
        "url": None,
        "customer_details": {"email": email, "name": None, "phone": None, "address": None},
    }
    world.store.save(account, "checkout.session", complete)
    world.emit(account, "checkout.session.completed", complete)


def fail(world: World, account: str, intent: Thing, error: Thing) -> None:
    failed = {**intent, "status": PAYABLE, "last_payment_error": error, "next_action": None}
    world.store.save(account, "payment_intent", failed)
    world.emit(account, "payment_intent.payment_failed", failed)
