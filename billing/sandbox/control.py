"""The sandbox's own addresses under `/_sandbox`: switches, record, time, accounts."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from billing.sandbox import journal
from billing.sandbox.here import sandbox
from billing.sandbox.resources import accounts
from billing.sandbox.switches import UnknownSwitch
from billing.sandbox.world import PLATFORM, World

STANDINGS = {
    "restrict": {"charges_enabled": False, "payouts_enabled": False},
    "restore": {"charges_enabled": True, "payouts_enabled": True},
}


control = Blueprint("control", __name__, url_prefix="/_sandbox")


@control.get("/health")
def health() -> ResponseReturnValue:
    return {"ok": True}


@control.get("/record")
def record() -> ResponseReturnValue:
    return journal.record(sandbox().world.store)


@control.get("/calls")
def calls() -> ResponseReturnValue:
    return [asdict(seen) for seen in sandbox().calls]


@control.get("/switches")
def show_switches() -> ResponseReturnValue:
    return asdict(sandbox().world.switches.now)


@control.post("/switches")
def set_switches() -> ResponseReturnValue:
    return sandbox().world.switches.set(request.get_json())


@control.delete("/switches")
def reset_switches() -> ResponseReturnValue:
    sandbox().world.switches.reset()
    return asdict(sandbox().world.switches.now)


@control.post("/flush")
def flush() -> ResponseReturnValue:
    return sandbox().flush()


@control.post("/reset")
def reset() -> ResponseReturnValue:
    sandbox().reset()
    return {"ok": True}


@control.post("/clock")
def advance_clock() -> ResponseReturnValue:
    sandbox().advance(float(request.get_json()["advance"]))
    return {"now": sandbox().world.now()}


@control.post("/accounts/<account_id>/<standing>")
def change_account(account_id: str, standing: str) -> ResponseReturnValue:
    if sandbox().world.store.find(PLATFORM, "account", account_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    if standing not in {*STANDINGS, "finish", "deauthorize"}:
        abort(HTTPStatus.NOT_FOUND)
    sandbox().change_account(account_id, standing)
    return {"ok": True}


@control.post("/charges/<charge_id>/disputes")
def dispute_charge(charge_id: str) -> ResponseReturnValue:
    if sandbox().world.store.locate("charge", charge_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    wanted = request.get_json()
    return {"id": sandbox().dispute(charge_id, **wanted)}


@control.post("/disputes/<dispute_id>/<status>")
def move_dispute(dispute_id: str, status: str) -> ResponseReturnValue:
    if sandbox().world.store.locate("dispute", dispute_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    sandbox().move_dispute(dispute_id, status)
    return {"ok": True}


@control.errorhandler(UnknownSwitch)
def refuse(error: UnknownSwitch) -> ResponseReturnValue:
    return {"error": str(error)}, HTTPStatus.BAD_REQUEST


def change(world: World, account_id: str, standing: str) -> None:
    """Make an account chargeable, not chargeable, or gone, as Stripe or its owner would."""
    with world.store.transaction():
        account = world.store.find(PLATFORM, "account", account_id)
        assert account is not None, "the account is made through the API first"
        if standing == "deauthorize":
            accounts.deauthorize(world, account)
            return
        changes = STANDINGS.get(standing) or accounts.standing(submitted=True)
        accounts.change(world, account, changes)
