"""Refunds of charges, on the account that was charged."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal, missing
from billing.sandbox.resources import application_fees, checks, disputes
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, World, new_id

_GONE = {"failed", "canceled"}


def create(call: Call) -> Thing:
    charge = _charge(call)
    if disputes.stops_refund(call.world, call.account, charge):
        raise Refusal(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not left:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = checks.positive(call.params.get("amount", left), "amount")
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    fee = _fee(call, charge) if call.params.get("refund_application_fee") else None
    outcome = call.world.switches.take_refund_outcome()
    if outcome == "insufficient":
        raise Refusal(
            "You do not have enough funds in your Stripe balance for this refund.",
            code="balance_insufficient",
        )
    refund = _add(call, charge, amount, status="pending" if outcome else "succeeded")
    _count(call, charge, amount)
    if fee is not None:
        _return_fee(call, fee, charge, amount)
    if outcome == "failed":
        refund = end(call.world, call.account, refund, status="failed")
    return dressed(call, refund)


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("refund", call.ids[0]))


def list_all(call: Call) -> Thing:
    refunds = call.store.list_all(call.account, "refund")
    for name in ("charge", "payment_intent"):
        if name in call.params:
            refunds = [one for one in refunds if one[name] == call.params[name]]
    return page(call, refunds)


def settle_pending(world: World) -> int:
    """Let every pending refund reach the payer; returns how many there were."""
    with world.store.transaction():
        pending = [
            (account, refund)
            for account, refund in world.store.list_everywhere("refund")
            if refund["status"] == "pending"
        ]
        for account, refund in pending:
            end(world, account, refund, status="succeeded")
    return len(pending)


def end(world: World, account: str, refund: Thing, *, status: str) -> Thing:
    """A pending refund succeeds, or fails and its money is the shop's again."""
    ended = {**refund, "status": status, "pending_reason": None}
    if status == "failed":
        ended["failure_reason"] = "declined"
        charge = world.store.find(account, "charge", refund["charge"])
        assert charge is not None, "a refund is of a charge"
        back = charge["amount_refunded"] - refund["amount"]
        world.store.save(account, "charge", {**charge, "amount_refunded": back, "refunded": False})
        world.note(
            account, "refund_failed", refund["amount"], refund["currency"], refund=refund["id"]
        )
    world.store.save(account, "refund", ended)
    world.emit(account, "refund.updated", ended)
    if status == "failed":
        world.emit(account, "refund.failed", ended)
    return ended


def _charge(call: Call) -> Thing:
    params = call.params
    if "charge" in params:
        return call.get("charge", params["charge"], param="charge")
    if "payment_intent" not in params:
        raise missing("payment_intent")
    intent = call.get("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return call.get("charge", intent["latest_charge"])


def _add(call: Call, charge: Thing, amount: int, *, status: str) -> Thing:
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": call.world.now(),
        "currency": charge["currency"],
        "metadata": checks.metadata(call.params),
        "payment_intent": charge["payment_intent"],
        "pending_reason": "processing" if status == "pending" else None,
        "reason": call.params.get("reason"),
        "status": status,
    }
    call.store.add(call.account, "refund", refund)
    refs = {"charge": charge["id"], "refund": refund["id"]}
    call.world.note(call.account, "refund", amount, charge["currency"], **refs)
    call.world.emit(call.account, "refund.created", refund)
    return refund


def _count(call: Call, charge: Thing, amount: int) -> None:
    total = charge["amount_refunded"] + amount
    whole = total == charge["amount_captured"]
    changed = {**charge, "amount_refunded": total, "refunded": whole}
    call.store.save(call.account, "charge", changed)
    call.world.emit(call.account, "charge.refunded", changed)


def _fee(call: Call, charge: Thing) -> Thing:
    fee = call.store.find(PLATFORM, "application_fee", charge.get("application_fee") or "")
    if fee is None or not call.by_platform:
        raise Refusal(
            f"Charge {charge['id']} has no application fee to refund.",
            param="refund_application_fee",
        )
    return fee


def _return_fee(call: Call, fee: Thing, charge: Thing, amount: int) -> None:
    left = fee["amount"] - fee["amount_refunded"]
    whole = charge["amount_refunded"] + amount == charge["amount_captured"]
    share = left if whole else min(left, fee["amount"] * amount // charge["amount_captured"])
    if share:
        application_fees.give_back(call.world, fee, share, {})
