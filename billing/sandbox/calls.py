"""One call of the API, as a resource's handler sees it, and how its answer is dressed."""

import operator
from dataclasses import dataclass, replace
from typing import Any

from billing.sandbox.errors import Refusal, no_such
from billing.sandbox.shapes import shown
from billing.sandbox.store import Store, Thing
from billing.sandbox.world import PLATFORM, World

_EXPANDABLE = {
    "checkout.session": {"payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {
        "payment_intent": "payment_intent",
        "application_fee": "application_fee",
        "balance_transaction": "balance_transaction",
    },
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "application_fee": {"charge": "charge", "originating_transaction": "charge"},
    "fee_refund": {"fee": "application_fee"},
}
_COMPARISONS = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_DEFAULT_LIMIT, _MAX_LIMIT = 10, 100


@dataclass(frozen=True)
class Call:
    """`params` are validated; `account` is whose things may be seen and made."""

    world: World
    account: str
    params: dict[str, Any]
    ids: tuple[str, ...] = ()
    by_platform: bool = False
    path: str = ""

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def on_connected(self) -> bool:
        """Whether the platform acts on one of its connected accounts."""
        return self.by_platform and self.account != PLATFORM

    def get(self, kind: str, thing_id: str, *, param: str = "id") -> Thing:
        """The account's thing; another account's is refused exactly as one that never was."""
        thing = self.store.find(self.account, kind, thing_id)
        if thing is None:
            raise no_such(kind, thing_id, param)
        return thing


def dressed(call: Call, thing: Thing) -> Thing:
    """The answer for one thing, with what was asked for expanded in it."""
    answer = shown(thing)
    for path in call.params.get("expand", []):
        _expand(call, thing, answer, path)
    return answer


def page(call: Call, things: list[Thing]) -> Thing:
    """The answer for a list, newest first, cut by `created`, the cursors and `limit`."""
    things = _created_within(things, call.params.get("created"))
    limit = call.params.get("limit", _DEFAULT_LIMIT)
    if not 1 <= limit <= _MAX_LIMIT:
        raise Refusal("Invalid limit: must be between 1 and 100", param="limit")
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after:
        things = things[_position(things, after, "starting_after") + 1 :]
    if before:
        things = things[: _position(things, before, "ending_before")]
    cut = things[-limit:] if before and not after else things[:limit]
    inner = [path.removeprefix("data.") for path in call.params.get("expand", [])]
    one = replace(call, params={"expand": inner})
    return {
        "object": "list",
        "url": call.path,
        "has_more": len(things) > len(cut),
        "data": [dressed(one, thing) for thing in cut],
    }


def _created_within(things: list[Thing], created: dict[str, int] | int | None) -> list[Thing]:
    if created is None:
        return things
    limits = created if isinstance(created, dict) else {"gte": created, "lte": created}
    return [
        thing
        for thing in things
        if all(_COMPARISONS[name](thing["created"], limit) for name, limit in limits.items())
    ]


def _position(things: list[Thing], thing_id: str, param: str) -> int:
    for position, thing in enumerate(things):
        if thing["id"] == thing_id:
            return position
    raise no_such("object", thing_id, param)


def _expand(call: Call, thing: Thing, answer: Thing, path: str) -> None:
    head, _, rest = path.partition(".")
    if head == "line_items" and thing["object"] == "checkout.session":
        answer[head] = {"object": "list", "has_more": False, "data": thing["_line_items"]}
        return
    kind = _EXPANDABLE.get(thing["object"], {}).get(head)
    if kind is None:
        raise Refusal(f"This property cannot be expanded ({head}).", param="expand")
    current = answer[head]
    if current is None:
        return
    located = call.store.locate(kind, current if isinstance(current, str) else current["id"])
    assert located is not None, "references only point at what exists"
    if isinstance(current, str):
        answer[head] = shown(located[1])
    if rest:
        _expand(call, located[1], answer[head], rest)
