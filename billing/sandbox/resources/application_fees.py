"""What the platform took of a charge on a connected account, and gave back of it."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal
from billing.sandbox.resources import checks
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, World, new_id


def take(world: World, account: str, charge: Thing) -> Thing:
    """The fee of a captured charge is the platform's from now on."""
    amount: int = charge["application_fee_amount"]
    fee = {
        "id": new_id("fee"),
        "object": "application_fee",
        "account": account,
        "amount": amount,
        "amount_refunded": 0,
        "application": "ca_sandbox",
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "livemode": False,
        "originating_transaction": charge["id"],
        "refunded": False,
    }
    world.store.add(PLATFORM, "application_fee", fee)
    world.note(account, "fee", amount, charge["currency"], charge=charge["id"], fee=fee["id"])
    world.emit(PLATFORM, "application_fee.created", fee)
    return fee


def retrieve(call: Call) -> Thing:
    return dressed(call, _with_refunds(call, call.get("application_fee", call.ids[0])))


def list_all(call: Call) -> Thing:
    fees = call.store.list_all(call.account, "application_fee")
    if "charge" in call.params:
        fees = [fee for fee in fees if fee["charge"] == call.params["charge"]]
    return page(call, [_with_refunds(call, fee) for fee in fees])


def refund(call: Call) -> Thing:
    fee = call.get("application_fee", call.ids[0])
    left = fee["amount"] - fee["amount_refunded"]
    if not left:
        raise Refusal(
            f"Application fee {fee['id']} has already been refunded.",
            code="application_fee_already_refunded",
        )
    amount = checks.positive(call.params.get("amount", left), "amount")
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on fee ({left}).",
            param="amount",
        )
    return dressed(call, give_back(call.world, fee, amount, checks.metadata(call.params)))


def give_back(world: World, fee: Thing, amount: int, metadata: dict[str, str]) -> Thing:
    """That much of the fee is the connected account's again."""
    made = {
        "id": new_id("fr"),
        "object": "fee_refund",
        "amount": amount,
        "created": world.now(),
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": metadata,
    }
    world.store.add(PLATFORM, "fee_refund", made)
    total = fee["amount_refunded"] + amount
    changed = {**fee, "amount_refunded": total, "refunded": total == fee["amount"]}
    world.store.save(PLATFORM, "application_fee", changed)
    refs = {"charge": fee["charge"], "fee": fee["id"], "fee_refund": made["id"]}
    world.note(fee["account"], "fee_refund", amount, fee["currency"], **refs)
    world.emit(PLATFORM, "application_fee.refunded", changed)
    return made


def retrieve_refund(call: Call) -> Thing:
    call.get("application_fee", call.ids[0])
    return dressed(call, call.get("fee_refund", call.ids[1]))


def list_refunds(call: Call) -> Thing:
    fee = call.get("application_fee", call.ids[0])
    return page(call, _refunds(call, fee))


def _refunds(call: Call, fee: Thing) -> list[Thing]:
    refunds = call.store.list_all(call.account, "fee_refund")
    return [one for one in refunds if one["fee"] == fee["id"]]


def _with_refunds(call: Call, fee: Thing) -> Thing:
    refunds = {"object": "list", "has_more": False, "data": _refunds(call, fee)}
    return {**fee, "refunds": refunds}
