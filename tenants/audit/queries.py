"""Reading what was done, and checking that nothing of it was changed since."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from kernel.db import db
from kernel.paging import Page, paginate
from tenants.audit.models import AuditEntry, AuditHead
from tenants.audit.rules import BEGINNING, chain, commit_to

PAGE = 50
BATCH = 500


@dataclass(frozen=True)
class Recorded:
    """An entry as it is shown."""

    number: int
    at: datetime
    action: str
    subject: str
    reason: str
    facts: dict[str, Any]
    actor_kind: str
    actor_id: UUID | None
    actor_name: str


@dataclass(frozen=True)
class Flaw:
    """The first entry of a chain that is not as it was written."""

    number: int
    what: str


def list_entries(*, page: int = 1, actor_id: UUID | None = None, about: str = "") -> Page[Recorded]:
    """What was done in the shop acted for, newest first; `about` is a first word like "order"."""
    query = select(AuditEntry).order_by(AuditEntry.number.desc())
    if actor_id is not None:
        query = query.where(AuditEntry.actor_id == actor_id)
    if about:
        query = query.where(AuditEntry.action.startswith(f"{about}.", autoescape=True))
    found = paginate(db.session(), query, number=page, size=PAGE)
    return Page([_shown(entry) for entry in found.rows], found.number, found.size, found.total)


def _shown(entry: AuditEntry) -> Recorded:
    body = json.loads(entry.body)
    return Recorded(
        number=entry.number,
        at=entry.at,
        action=entry.action,
        subject=entry.subject,
        reason=body["reason"],
        facts=body["facts"],
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
    )


def find_flaw() -> Flaw | None:
    """The first entry of the shop's chain that was changed, added, moved or cut off, or None."""
    number, previous = 0, BEGINNING
    for entry in _chain():
        number += 1
        what = _wrong(entry, number, previous)
        if what:
            return Flaw(number, what)
        previous = entry.hash
    head = db.session.scalars(select(AuditHead)).one_or_none()
    if (head.number, head.hash) != (number, previous) if head is not None else number > 0:
        return Flaw(number + 1, "the chain does not end where it was last seen to end")
    return None


def _chain() -> Iterator[AuditEntry]:
    """All entries by number, read a batch at a time as they stand in the database now."""
    query = select(AuditEntry).order_by(AuditEntry.number).limit(BATCH)
    batch = _batch(query)
    while batch:
        yield from batch
        batch = _batch(query.where(AuditEntry.number > batch[-1].number))


def _batch(query: Select[AuditEntry]) -> Sequence[AuditEntry]:
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _wrong(entry: AuditEntry, number: int, previous: str) -> str:
    if entry.number != number:
        return f"entry {number} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if entry.hash != chain(previous, entry.body):
        return "its text was changed"
    if not _columns_agree(entry, json.loads(entry.body)):
        return "its columns do not say what its text says"
    return ""


def _columns_agree(entry: AuditEntry, body: dict[str, Any]) -> bool:
    actor = body["actor"]
    erased = not entry.actor_name and not entry.salt
    return (
        body["tenant"] == str(entry.tenant_id)
        and body["number"] == entry.number
        and body["at"] == entry.at.astimezone(UTC).isoformat()
        and body["action"] == entry.action
        and body["subject"] == entry.subject
        and actor["kind"] == entry.actor_kind
        and actor["id"] == str(entry.actor_id or "")
        and (erased or actor["name"] == commit_to(entry.actor_name, entry.salt))
    )
