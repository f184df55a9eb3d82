"""Idempotency keys as Stripe keeps them: per account, first answer wins, for 24 hours."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from billing.sandbox.errors import Refusal
from billing.sandbox.world import World

_KEPT_SECONDS = 24 * 60 * 60
_LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    """What goes back; `again` is what the caller's own retries are told, if anything."""

    status: int
    body: dict[str, Any]
    replayed: bool = False
    again: bool | None = None


def of_refusal(refusal: Refusal) -> Answer:
    return Answer(refusal.status, refusal.body())


class Keys:
    """The answers saved under keys, and the keys in use at this moment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._in_use: set[tuple[str, str]] = set()

    @contextmanager
    def use(self, account: str, key: str) -> Iterator[None]:
        """Refuses with 409 while another call with the key is under way."""
        if len(key) > _LONGEST_KEY:
            raise Refusal(f"Idempotency keys may be at most {_LONGEST_KEY} characters long.")
        with self._lock:
            if (account, key) in self._in_use:
                raise Refusal(
                    f"There is currently another in-progress request using the key '{key}'.",
                    status=HTTPStatus.CONFLICT,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._in_use.add((account, key))
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard((account, key))

    def saved(self, account: str, key: str, fingerprint: str) -> Answer | None:
        """The first answer given under the key; refuses the key for any other request."""
        kept = self._world.store.find(account, "answer", key)
        if kept is None:
            return None
        if self._world.now() >= kept["at"] + _KEPT_SECONDS:
            self._world.store.remove(account, "answer", key)
            return None
        if kept["fingerprint"] != fingerprint:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
            )
        again = False if kept["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        return Answer(kept["status"], kept["body"], replayed=True, again=again)

    def save(self, account: str, key: str, fingerprint: str, answer: Answer) -> None:
        kept = {
            "id": key,
            "fingerprint": fingerprint,
            "status": answer.status,
            "body": answer.body,
            "at": self._world.now(),
        }
        self._world.store.add(account, "answer", kept)


def fingerprint(method: str, path: str, pairs: list[tuple[str, str]]) -> str:
    return hashlib.sha256(repr((method, path, sorted(pairs))).encode()).hexdigest()
