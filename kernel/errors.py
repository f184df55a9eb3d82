"""Refusals a person can be told about. Each family maps to one HTTP status in kernel.web."""

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a message for the translation catalogue; the face translates it when it is shown."""
    return message


class DomainError(Exception):
    """A refusal with a stable `code`, a message for people and the facts that fill it in.

    `field` names the form field the refusal belongs to, or is empty when it belongs to the whole.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str] = N_("This cannot be done.")
    field: str = ""

    def __init__(self, *, field: str = "", **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts
        self.field = field or type(self).field


class NotFound(DomainError):
    """There is no such thing here; another shop's thing is never more than this."""

    code = "not_found"
    message = N_("We could not find that.")


class Refused(DomainError):
    """The request is understood and will not be done as it stands (422)."""


class Conflict(DomainError):
    """The thing has changed meanwhile, so the request no longer fits (409)."""

    code = "conflict"
    message = N_("This has changed meanwhile. Look again and repeat what you still want.")


class Forbidden(DomainError):
    """The person is known and may not do this (403)."""

    code = "forbidden"
    message = N_("Your role in this shop does not allow that.")


class TooMany(DomainError):
    """Tried too often; later it will work again (429). `seconds` until then, for Retry-After."""

    code = "too_many"
    message = N_("Too many tries. Wait {minutes} minutes and try again.")

    @property
    def seconds(self) -> int:
        return int(str(self.facts.get("minutes", 1))) * 60


class TooBusy(TooMany):
    """So many do this costly thing at once that one more would slow everybody down (429)."""

    code = "too_busy"
    message = N_("Many people are doing this right now. Wait a few seconds and try again.")

    @property
    def seconds(self) -> int:
        return 5
