"""Checks a call's parameters against the parameter classes of the installed stripe package.

The classes are generated from Stripe's own API description, so what is unknown, missing or of
the wrong type here is so at Stripe too.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import typing_extensions
from stripe._request_options import RequestOptions

from billing.sandbox.errors import Refusal, missing

_INTEGER = re.compile(r"^-?\d{1,18}$")
_MARKERS = {NotRequired, Required, typing_extensions.NotRequired, typing_extensions.Required}
_OPTIONS = frozenset(RequestOptions.__annotations__)  # travel as headers, never as parameters


def validate(params_class: type, tree: dict[str, Any]) -> dict[str, Any]:
    """The parameters as typed values; refuses whatever the class does not allow."""
    return _record(params_class, tree, "")


@cache
def _fields(params_class: type) -> dict[str, Any]:
    # Inherited hints name things that only their own module, or only a type checker, imports.
    names = {"Mapping": Mapping, "StripeContext": object}
    hints = get_type_hints(params_class, localns=names, include_extras=True)
    if RequestOptions.__annotations__.keys() <= hints.keys():
        return {name: hint for name, hint in hints.items() if name not in _OPTIONS}
    return hints


def _record(params_class: type, tree: dict[str, Any], path: str) -> dict[str, Any]:
    fields = _fields(params_class)
    for name in tree:
        if name not in fields:
            full = _join(path, name)
            raise Refusal(
                f"Received unknown parameter: {full}", code="parameter_unknown", param=full
            )
    required: frozenset[str] = getattr(params_class, "__required_keys__", frozenset())
    for name in fields:
        if name in required and name not in tree:
            raise missing(_join(path, name))
    return {name: _value(fields[name], value, _join(path, name)) for name, value in tree.items()}


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _options(hint: Any) -> list[Any]:
    origin = get_origin(hint)
    if origin in _MARKERS:
        return _options(get_args(hint)[0])
    if origin in {Union, UnionType}:
        return [option for member in get_args(hint) for option in _options(member)]
    return [] if hint is NoneType else [hint]


def _value(hint: Any, value: Any, path: str) -> Any:
    options = _options(hint)
    if isinstance(value, dict):
        return _structure(options, value, path)
    return _scalar(options, value, path)


def _structure(options: list[Any], tree: dict[str, Any], path: str) -> Any:
    for option in options:
        if typing_extensions.is_typeddict(option):
            return _record(option, tree, path)
        if get_origin(option) is list:
            return _items(get_args(option)[0], tree, path)
        if get_origin(option) is dict:
            inner = get_args(option)[1]
            return {name: _value(inner, item, _join(path, name)) for name, item in tree.items()}
    raise Refusal(f"Invalid string: {path} must not have nested values", param=path)


def _items(hint: Any, tree: dict[str, Any], path: str) -> list[Any]:
    if not all(position.isdigit() for position in tree):
        raise Refusal("Invalid array", param=path)
    positions = sorted(tree, key=int)
    return [_value(hint, tree[position], _join(path, position)) for position in positions]


def _scalar(options: list[Any], value: str, path: str) -> Any:
    words = [
        word for option in options if get_origin(option) is Literal for word in get_args(option)
    ]
    if value in words:
        return value
    if value == "":
        raise _empty(path)
    for kind, read in _READERS.items():
        if kind in options:
            return read(value, path)
    # The package writes an enumeration as `Literal[...] | str`; Stripe refuses the other strings.
    names = [word for word in words if word]
    if names:
        raise Refusal(f"Invalid {path}: must be one of {', '.join(names)}", param=path)
    if str in options:
        return value
    raise Refusal(f"Invalid object: {path} must have nested values", param=path)


def _empty(path: str) -> Refusal:
    return Refusal(
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{path}' cannot be unset. You should remove '{path}' from your "
        "request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=path,
    )


def _boolean(value: str, path: str) -> bool:
    if value not in {"true", "false"}:
        raise Refusal(f"Invalid boolean: {value}", param=path)
    return value == "true"


def _integer(value: str, path: str) -> int:
    if not _INTEGER.match(value):
        raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    return int(value)


def _decimal(value: str, path: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Refusal(f"Invalid decimal: {value}", param=path) from None
    return number


_READERS = {bool: _boolean, int: _integer, Decimal: _decimal}
