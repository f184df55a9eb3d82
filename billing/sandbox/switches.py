"""What the sandbox is told to do wrong. Kept in memory only; a restart is a clean sandbox."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

Moment = Literal["before", "after"]
ALWAYS = -1


@dataclass(frozen=True)
class Settings:
    """Counts are "the next so many"; -1 means until it is set back."""

    fail_before: int = 0  # 500, nothing was done
    fail_after: int = 0  # 500, although it was done
    saved: bool = True  # whether that 500 becomes the answer of its idempotency key
    cut_before: int = 0  # connection closed without an answer, nothing was done
    cut_after: int = 0  # connection closed without an answer, although it was done
    rate_limit: int = 0  # 429, nothing was done
    hang_before: int = 0  # waits, then does it
    hang_after: int = 0  # does it, then waits before answering
    hang_seconds: float = 30.0
    only: str = ""  # the above concern only calls beginning so: "POST /v1/refunds"
    decline_next: int = 0  # card attempts, whatever the card
    refund_next: str = ""  # "pending", "failed" or "insufficient": for one refund
    duplicate_webhooks: int = 0  # additional copies of each webhook
    drop_webhooks: int = 0
    delay_webhooks: float = 0.0  # seconds
    reorder_webhooks: bool = False  # newest first


class UnknownSwitch(ValueError):
    pass


class Switches:
    """The settings in force, counted down as they are used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings = Settings()

    @property
    def now(self) -> Settings:
        return self._settings

    def set(self, changes: Mapping[str, object]) -> dict[str, Any]:
        """Only what is named is changed. Refuses unknown names and wrong types."""
        kinds = {field.name: type(field.default) for field in fields(Settings)}
        for name, value in changes.items():
            if name not in kinds:
                raise UnknownSwitch(f"there is no switch {name!r}")
            if not _fits(value, kinds[name]):
                raise UnknownSwitch(f"switch {name!r} takes {kinds[name].__name__}")
        with self._lock:
            known: dict[str, Any] = dict(changes)
            self._settings = replace(self._settings, **known)
            return asdict(self._settings)

    def reset(self) -> None:
        with self._lock:
            self._settings = Settings()

    def take(self, name: str, *, call: str = "") -> bool:
        """Whether the counted switch strikes now; one is used up."""
        with self._lock:
            left: int = getattr(self._settings, name)
            if not left or not call.startswith(self._settings.only if call else ""):
                return False
            if left != ALWAYS:
                counted: dict[str, Any] = {name: left - 1}
                self._settings = replace(self._settings, **counted)
            return True

    def take_refund_outcome(self) -> str:
        with self._lock:
            outcome = self._settings.refund_next
            self._settings = replace(self._settings, refund_next="")
            return outcome


def _fits(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind
