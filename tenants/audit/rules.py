"""How entries are written down and chained, so that any change to the past shows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tenants.audit.actors import Actor

BEGINNING = "0" * 64
Fact = UUID | str | int | bool | None


@dataclass(frozen=True)
class Act:
    """What is recorded of one thing that someone did."""

    at: datetime
    action: str
    subject: str
    reason: str
    facts: Mapping[str, Fact]
    actor: Actor


def commit_to(name: str, salt: str) -> str:
    """Proof of a name that tells nothing once name and salt are erased."""
    return hashlib.sha256(f"{salt}|{name}".encode()).hexdigest() if name else ""


def write_body(act: Act, *, tenant_id: UUID, number: int, salt: str) -> str:
    """The one text that is hashed: JSON with sorted keys and no spaces."""
    content = {
        "tenant": str(tenant_id),
        "number": number,
        "at": act.at.isoformat(),
        "action": act.action,
        "subject": act.subject,
        "reason": act.reason,
        "facts": {key: _plain(fact) for key, fact in act.facts.items()},
        "actor": {
            "kind": act.actor.kind.value,
            "id": str(act.actor.id or ""),
            "name": commit_to(act.actor.name, salt),
        },
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain(previous: str, body: str) -> str:
    """The hash of an entry: over the hash of the one before it and its own text."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(previous) + body.encode()).hexdigest()


def _plain(fact: Fact) -> str | int | bool | None:
    return str(fact) if isinstance(fact, UUID) else fact
