"""From where a request comes, as far as an alert may tell: a device and a part of a network."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MAX_DEVICE = 200


@dataclass(frozen=True)
class Origin:
    """The browser's name for itself, and the network without the part that names one house."""

    device: str = ""
    network: str = ""


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Inside, what is done came from there."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Where what is done now comes from; nowhere in a job."""
    return _origin.get()


def origin_of(*, device: str, address: str) -> Origin:
    """What may be told of a device and an address."""
    return Origin(device[:MAX_DEVICE], network_of(address))


def network_of(address: str) -> str:
    """The first three of four numbers, or of an IPv6 address its /48; empty for any other text."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if known.version == 4 else 48  # noqa: PLR2004 - the Internet's two versions
    return str(ipaddress.ip_network(f"{known}/{bits}", strict=False))
