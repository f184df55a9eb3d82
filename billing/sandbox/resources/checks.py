"""Limits that Stripe puts on values and that its parameter classes do not express."""

from typing import Any

from billing.sandbox.errors import Refusal, missing

_MOST_KEYS, _LONGEST_KEY, _LONGEST_VALUE = 50, 40, 500
_LARGEST_AMOUNT = 99_999_999
_LONGEST_URL = 5_000


def demand(params: dict[str, Any], *names: str) -> None:
    """Some parameters are optional in the class, yet this call cannot do without them."""
    for name in names:
        if name not in params:
            raise missing(name)


def metadata(params: dict[str, Any], *, path: str = "metadata") -> dict[str, str]:
    """What was given; refuses more than Stripe stores."""
    given = params.get("metadata") or {}
    if len(given) > _MOST_KEYS:
        raise Refusal("Metadata can have up to 50 keys.", param=path)
    for name, value in given.items():
        if len(name) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise Refusal(
                f"Metadata keys can be up to {_LONGEST_KEY} characters long and values up to "
                f"{_LONGEST_VALUE}.",
                param=f"{path}[{name}]",
            )
    return dict(given)


def positive(amount: int, param: str) -> int:
    if amount < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=param,
        )
    if amount > _LARGEST_AMOUNT:
        raise Refusal(
            f"Amount must be no more than {_LARGEST_AMOUNT}.", code="amount_too_large", param=param
        )
    return amount


def url(params: dict[str, Any], name: str) -> str:
    value: str = params[name]
    if not value.startswith(("http://", "https://")) or len(value) > _LONGEST_URL:
        raise Refusal("Not a valid URL", code="url_invalid", param=name)
    return value
