"""What happened on an account: kept whether or not its webhooks arrived."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal
from billing.sandbox.store import Thing

_KEPT_SECONDS = 30 * 24 * 60 * 60
_MOST_TYPES = 20


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("event", call.ids[0]))


def list_all(call: Call) -> Thing:
    if "type" in call.params and "types" in call.params:
        raise Refusal("You may pass either `type` or `types`, but not both.", param="types")
    if len(call.params.get("types") or ()) > _MOST_TYPES:
        raise Refusal(f"You may pass at most {_MOST_TYPES} types.", param="types")
    wanted = call.params.get("types") or [call.params.get("type", "*")]
    oldest = call.world.now() - _KEPT_SECONDS
    events = [
        event
        for event in call.store.list_all(call.account, "event")
        if event["created"] >= oldest and any(_matches(event["type"], name) for name in wanted)
    ]
    return page(call, events)


def _matches(event_type: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return event_type.startswith(wanted[:-1])
    return event_type == wanted
