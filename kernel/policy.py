"""Who may use a view. Every view says so; a view that does not stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])
Guard = Callable[["Policy"], None]


@dataclass(frozen=True)
class Policy:
    """A rule's name and what it needs; the face that owns the name enforces it. With `step_up`,
    whoever is signed in must have proved again, just now, who they are."""

    name: str
    needs: str = ""
    step_up: bool = False


PUBLIC = Policy("public")
_guards: dict[str, Guard] = {"public": lambda _policy: None}


class UndeclaredView(RuntimeError):
    """A view without a policy; the sentence names it."""


def declare(policy: Policy) -> Callable[[View], View]:
    """Mark a view with its policy."""

    def mark(view: View) -> View:
        view.__policy__ = policy  # type: ignore[attr-defined]  # the mark itself
        return view

    return mark


public = declare(PUBLIC)


def guard(name: str, enforce: Guard) -> None:
    """The function that lets a request through or raises, for every policy of this name."""
    _guards[name] = enforce


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The declared policy: on the view, or on the class that it was made from or is a method of."""
    view = app.view_functions[endpoint]
    declared = getattr(view, "__policy__", None)
    for source in ("view_class", "__self__"):
        if declared is None:
            declared = getattr(getattr(view, source, None), "__policy__", None)
    return declared if isinstance(declared, Policy) else None


def enforce_policy() -> None:
    """Before each view: run the guard of its policy."""
    if request.endpoint is None:
        return
    policy = policy_of(current_app, request.endpoint)
    assert policy is not None, f"{request.endpoint} declares no policy"
    _guards[policy.name](policy)


def check_policies(app: Flask) -> None:
    """Refuse to start with a view that anyone forgot to think about."""
    for rule in app.url_map.iter_rules():
        policy = policy_of(app, rule.endpoint)
        if policy is None:
            raise UndeclaredView(f"{rule.endpoint} ({rule.rule}) declares no policy")
        if policy.name not in _guards:
            raise UndeclaredView(f"{rule.endpoint}: nobody enforces {policy.name}")
