"""On whose behalf the code is acting; every entry of the audit names them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    PERSON = "person"
    STAFF = "staff"
    SHOPPER = "shopper"
    JOB = "job"


@dataclass(frozen=True)
class Actor:
    """Who acts: a person of the shop, Sheaf's staff, a shopper, or a job that no one watches."""

    kind: ActorKind
    id: UUID | None = None
    name: str = ""


NOBODY = Actor(ActorKind.JOB)
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Inside, what is recorded was done by this actor."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Actor:
    """Who acts now; a job, unless someone was named."""
    return _actor.get()
