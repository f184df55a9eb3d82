"""Which functions are jobs, who waits for them, how often and how long they are tried."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypedDict, Unpack, overload

TIME_LIMIT = timedelta(seconds=35)
HOUR = 3600
# Nearly two and a half days: a mail server or Stripe may be away over a weekend.
MAX_ATTEMPTS = 20
BACKOFF = (5, 15, 30, 60, 120, 300, 600, 1800, HOUR, 3 * HOUR, 6 * HOUR)
# A mistake in our own code is not mended by waiting; a few tries cover a deploy half done.
BUG_ATTEMPTS = 6
BUGS = (AttributeError, ImportError, LookupError, NameError, TypeError)
JITTER = 0.25  # so that what failed together does not come back together


class Queue(StrEnum):
    """Who waits for the work: someone before a page, someone for a letter, or nobody."""

    URGENT = "urgent"
    MAIL = "mail"
    SWEEP = "sweep"


class PermanentFailure(RuntimeError):
    """Raised by a handler whose work can never succeed: the job is dead at once, and said so."""


class Policy(TypedDict, total=False):
    """What a kind of job may say of itself; what it does not say is as for all."""

    queue: str
    max_attempts: int
    time_limit: timedelta
    backoff: Sequence[int]
    statement_timeout: timedelta


@dataclass(frozen=True)
class Handler:
    """A registered function; only these are ever run."""

    name: str
    run: Callable[..., None]
    network: bool
    queue: Queue = Queue.MAIL
    max_attempts: int = MAX_ATTEMPTS
    time_limit: timedelta = TIME_LIMIT
    backoff: Sequence[int] = BACKOFF
    statement_timeout: timedelta | None = None

    def __call__(self, **facts: object) -> None:
        self.run(**facts)

    def wait(self, failures: int) -> timedelta:
        """How long a job rests after so many failures in a row."""
        seconds = self.backoff[min(max(failures, 1), len(self.backoff)) - 1]
        return timedelta(seconds=seconds * (1 + JITTER * random.random()))  # noqa: S311 - no secret

    def tries(self, error: BaseException | None = None) -> int:
        """How many failures in a row are too many, if this was the last of them."""
        return (
            min(self.max_attempts, BUG_ATTEMPTS) if isinstance(error, BUGS) else self.max_attempts
        )


class Registration(Protocol):
    """What @job and @network_job are, with and without arguments."""

    @overload
    def __call__(self, function: Callable[..., None], /) -> Handler: ...

    @overload
    def __call__(self, /, **policy: Unpack[Policy]) -> Callable[[Callable[..., None]], Handler]: ...


def _registration(*, network: bool) -> Registration:
    def decorate(function: Callable[..., None] | None = None, /, **policy: Unpack[Policy]) -> Any:
        if function is None:
            return partial(decorate, **policy)
        name = f"{function.__module__}.{function.__name__}"
        said: dict[str, Any] = {**policy, "queue": Queue(policy.get("queue", Queue.MAIL))}
        return Handler(name, function, network, **said)

    return decorate


# A handler that only touches the database: its effect and its mark are one transaction.
job = _registration(network=False)
# A handler that calls out: it opens its own transactions, complete_job() in the last one.
network_job = _registration(network=True)

_subscriptions: Mapping[str, Sequence[Handler]] = {}
_handlers: dict[str, Handler] = {}


def install(subscriptions: Mapping[str, Sequence[Handler]]) -> None:
    """Make this the table of who listens to what; wsgi.py holds it."""
    global _subscriptions  # noqa: PLW0603 - the one table of the process
    _subscriptions = subscriptions
    _handlers.clear()
    _handlers.update({h.name: h for handlers in subscriptions.values() for h in handlers})


def subscribers(topic: str) -> Sequence[Handler]:
    """Who listens to a topic; an unknown topic is a mistake in the code."""
    assert topic in _subscriptions, f"topic {topic} is not in wsgi.SUBSCRIPTIONS"
    return _subscriptions[topic]


def find_handler(name: str) -> Handler | None:
    """The handler with this stored name; None for one of another release of the code."""
    return _handlers.get(name)
