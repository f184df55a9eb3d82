"""What stands in a cell: plain facts about how to show a value. Templates make the markup."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from admin.console.reading import slug_of
from admin.console.words import state_tone, state_words
from kernel.i18n import money_text
from kernel.money import Money
from kernel.scope import PLATFORM_ID

# Where an id leads, by its field's name: every reference is a link. `payable_id` is billing's
# word for an order.
PLATFORM_RECORDS = {"recorded_by": "console_people", "requested_by": "console_people"}
COPIED = frozenset(
    {"email", "contact_email", "recipient", "source_key", "hash", "previous", "reference"}
)
TENANT_RECORDS = {"payable_id": "console_orders", "payment_id": "console_payments"}


@dataclass(frozen=True)
class Text:
    """Words, or figures when `number`."""

    shape: ClassVar[str] = "text"
    text: str
    number: bool = False


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    shape: ClassVar[str] = "link"
    text: str
    url: str


@dataclass(frozen=True)
class Copyable:
    """An id or address that can be copied, and leads to its record where there is one."""

    shape: ClassVar[str] = "copyable"
    text: str
    url: str = ""


@dataclass(frozen=True)
class State:
    """A state's word and its tone."""

    shape: ClassVar[str] = "state"
    text: str
    tone: str


@dataclass(frozen=True)
class Code:
    """A payload, as it came."""

    shape: ClassVar[str] = "code"
    text: str


Cell = Text | Link | Copyable | State | Code
NOTHING = Text("–")


def show(value: Any, *, name: str = "", tenant_id: UUID | None = None) -> Cell:
    """The cell for a value, by its type and, for an id, by the field's name."""
    if isinstance(value, Cell):
        return value
    if isinstance(value, UUID):
        return show_id(value, name=name, tenant_id=tenant_id)
    if isinstance(value, str) and value and is_copied(name):
        return Copyable(value)
    if isinstance(value, StrEnum):
        return State(state_words(value), state_tone(value))
    if isinstance(value, Mapping | list):
        return Code(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
    return Text(words(value), number=isinstance(value, Money | int))


def is_copied(name: str) -> bool:
    """Whether people take this field's value elsewhere: references, addresses, digests."""
    return name.endswith("_ref") or name in COPIED


def words(value: Any) -> str:
    """A plain value as people read it; a dash for nothing."""
    if value is None or value == "":
        return NOTHING.text
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    return money_text(value) if isinstance(value, Money) else time_words(value) or str(value)


def time_words(value: Any) -> str:
    """A point in time as logs write it, in UTC, so that both can be compared; else empty."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else ""


def show_id(value: UUID, *, name: str, tenant_id: UUID | None) -> Cell:
    """An id, and a link where its field's name says what it is."""
    if value == PLATFORM_ID:
        return Link("Sheaf", url_for("console_audit.index_view", tenant_id=value))
    if name == "tenant_id":
        return Link(slug_of(value), url_for("console_tenants.record", record_id=value))
    if name in PLATFORM_RECORDS:
        return Copyable(str(value), url_for(f"{PLATFORM_RECORDS[name]}.record", record_id=value))
    if name in TENANT_RECORDS and tenant_id is not None:
        endpoint = f"{TENANT_RECORDS[name]}.record"
        return Copyable(str(value), url_for(endpoint, tenant_id=tenant_id, record_id=value))
    return Copyable(str(value))
