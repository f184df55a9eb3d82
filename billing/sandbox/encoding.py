"""Stripe's form encoding: `line_items[0][price_data][currency]=eur` and back into a tree."""

import re
from collections.abc import Iterable
from typing import Any

from billing.sandbox.errors import Refusal

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_MAX_DEPTH = 10


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The tree of dicts and strings that the pairs spell; lists stay dicts keyed by position."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _put(tree, _steps(key), value, key)
    return tree


def _steps(key: str) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        raise Refusal(f"Invalid parameter name: {key}", param=key)
    steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(steps) > _MAX_DEPTH:
        raise Refusal(f"Parameter is nested too deeply: {key}", param=key)
    return steps


def _put(tree: dict[str, Any], steps: list[str], value: str, key: str) -> None:
    here = tree
    for step in steps[:-1]:
        below = here.setdefault(step or str(len(here)), {})
        if not isinstance(below, dict):
            raise Refusal(f"Invalid parameter: {key} is given twice", param=key)
        here = below
    last = steps[-1] or str(len(here))
    if last in here:
        raise Refusal(f"Invalid parameter: {key} is given twice", param=key)
    here[last] = value
