"""Disputes: the payer's bank takes a charge back, or asks whether it should."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.store import Thing
from billing.sandbox.world import World, new_id

ANSWER_WITHIN = 7 * 24 * 60 * 60
INQUIRY = "warning_needs_response"
OPEN = "needs_response"
ENDS = ("won", "lost", "warning_closed", "prevented")


def open_dispute(
    world: World, account: str, charge_id: str, *, reason: str, status: str = OPEN
) -> Thing:
    """A dispute about what is left of a charge. All but an inquiry take the money at once."""
    with world.store.transaction():
        charge = world.store.find(account, "charge", charge_id)
        assert charge is not None, "a dispute is about a charge"
        dispute = {
            "id": new_id("du"),
            "object": "dispute",
            "amount": charge["amount_captured"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": world.now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {
                "due_by": world.now() + ANSWER_WITHIN,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
                "submission_method": "not_submitted",
            },
            "is_charge_refundable": status == INQUIRY,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": status,
        }
        world.store.add(account, "dispute", dispute)
        if status != INQUIRY:
            _take(world, account, dispute, charge)
        world.emit(account, "charge.dispute.created", dispute)
        return dispute


def move(world: World, account: str, dispute_id: str, *, status: str) -> Thing:
    """What the bank or the shop has done: any status of Stripe's."""
    with world.store.transaction():
        before = world.store.find(account, "dispute", dispute_id)
        assert before is not None, "a dispute that was opened"
        dispute = {**before, "status": status}
        if status in ENDS:
            dispute["evidence_details"] = {**before["evidence_details"], "due_by": None}
        charge = world.store.find(account, "charge", before["charge"])
        assert charge is not None, "a dispute is about a charge"
        if status == OPEN and before["is_charge_refundable"]:
            _take(world, account, dispute, charge)
        world.store.save(account, "dispute", dispute)
        if status == "won":
            world.note(
                account, "dispute_won", dispute["amount"], dispute["currency"],
                charge=charge["id"], dispute=dispute_id,
            )  # fmt: skip
            world.emit(account, "charge.dispute.funds_reinstated", dispute)
        closed = status in ENDS
        world.emit(account, f"charge.dispute.{'closed' if closed else 'updated'}", dispute)
        return dispute


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("dispute", call.ids[0]))


def list_all(call: Call) -> Thing:
    disputes = call.store.list_all(call.account, "dispute")
    for name in ("charge", "payment_intent"):
        if name in call.params:
            disputes = [one for one in disputes if one[name] == call.params[name]]
    return page(call, disputes)


def stops_refund(world: World, account: str, charge: Thing) -> bool:
    """Whether the charge has been charged back and not won."""
    return any(
        one["charge"] == charge["id"]
        and not one["is_charge_refundable"]
        and one["status"] not in {"won", "warning_closed", "prevented"}
        for one in world.store.list_all(account, "dispute")
    )


def _take(world: World, account: str, dispute: Thing, charge: Thing) -> None:
    dispute["is_charge_refundable"] = False
    world.store.save(account, "charge", {**charge, "disputed": True})
    world.note(
        account, "dispute", dispute["amount"], dispute["currency"],
        charge=charge["id"], dispute=dispute["id"],
    )  # fmt: skip
    world.store.save(account, "dispute", dispute)
    world.emit(account, "charge.dispute.funds_withdrawn", dispute)
