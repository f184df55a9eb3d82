"""Refusals in the shape Stripe gives them."""

from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """A call that Stripe would answer with an error object; nothing was changed."""

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = int(status)
        self.kind = kind
        self.code = code
        self.param = param

    def body(self) -> dict[str, Any]:
        facts = {"type": self.kind, "message": self.message, "code": self.code, "param": self.param}
        error = {name: fact for name, fact in facts.items() if fact is not None}
        return {"error": error}


class ConnectionCut(Exception):
    """The caller's connection is to be closed without an answer."""


def no_such(thing: str, object_id: str, param: str = "id") -> Refusal:
    """The same answer for an id that never existed and for one of another account."""
    return Refusal(
        f"No such {thing}: '{object_id}'",
        status=HTTPStatus.NOT_FOUND,
        code="resource_missing",
        param=param,
    )


def invalid_key(key: str) -> Refusal:
    masked = f"{key[:8]}{'*' * max(len(key) - 12, 4)}" if key else "(none)"
    return Refusal(f"Invalid API Key provided: {masked}", status=HTTPStatus.UNAUTHORIZED)


def no_access(account: str) -> Refusal:
    return Refusal(
        "The provided key does not have access to account "
        f"'{account}' (or that account does not exist). Application access may have been revoked.",
        status=HTTPStatus.FORBIDDEN,
        code="account_invalid",
    )


def missing(param: str) -> Refusal:
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def broken() -> Refusal:
    return Refusal(
        "An unknown error occurred", status=HTTPStatus.INTERNAL_SERVER_ERROR, kind="api_error"
    )


def too_many() -> Refusal:
    return Refusal(
        "Too many requests hit the API too quickly.",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        code="rate_limit",
    )
