"""Endpoints that an account registers for its events; the secret is shown once."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal
from billing.sandbox.resources import checks
from billing.sandbox.store import Thing
from billing.sandbox.world import new_id

_CHANGEABLE = ("description", "enabled_events", "url")
_MOST = 16


def create(call: Call) -> Thing:
    params = call.params
    if len(call.store.list_all(call.account, "webhook_endpoint")) >= _MOST:
        raise Refusal("You have reached the maximum of 16 test webhook endpoints.")
    secret = new_id("whsec")
    endpoint = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "created": call.world.now(),
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": checks.metadata(params),
        "status": "enabled",
        "url": checks.url(params, "url"),
        "_connect": params.get("connect", False),
        "_secret": secret,
    }
    call.store.add(call.account, "webhook_endpoint", endpoint)
    return {**dressed(call, endpoint), "secret": secret}


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("webhook_endpoint", call.ids[0]))


def update(call: Call) -> Thing:
    endpoint = call.get("webhook_endpoint", call.ids[0])
    if "url" in call.params:
        checks.url(call.params, "url")
    changes = {name: call.params[name] for name in _CHANGEABLE if name in call.params}
    if "disabled" in call.params:
        changes["status"] = "disabled" if call.params["disabled"] else "enabled"
    changed = {**endpoint, **changes}
    call.store.save(call.account, "webhook_endpoint", changed)
    return dressed(call, changed)


def list_all(call: Call) -> Thing:
    return page(call, call.store.list_all(call.account, "webhook_endpoint"))


def delete(call: Call) -> Thing:
    endpoint = call.get("webhook_endpoint", call.ids[0])
    call.store.remove(call.account, "webhook_endpoint", endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
