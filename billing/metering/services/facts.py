"""A business fact on its way into the metering, and its canonical form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from billing.metering.models import Collection, UsageKind
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class UsageFact:
    """Money that moved, named by `source_key` after the fact itself, never after its delivery.

    The amount is positive; the kind carries the sign. With AT_CHARGE the signed fee comes along,
    and `collected_minor` is what was really taken or given back of it.
    """

    source: str
    source_key: str
    kind: UsageKind
    payable_id: UUID
    amount: Money
    occurred_at: datetime
    collection: Collection
    target_key: str | None = None
    fee_minor: int | None = None
    collected_minor: int = 0
    rate_ppm: int | None = None
    references: Mapping[str, str] = field(default_factory=dict)


def to_payload(fact: UsageFact) -> dict[str, Any]:
    """The fact as plain values, the same for the same fact."""
    return {
        "source": fact.source,
        "source_key": fact.source_key,
        "kind": fact.kind.value,
        "payable_id": str(fact.payable_id),
        "amount_minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "occurred_at": fact.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "collection": fact.collection.value,
        "target_key": fact.target_key,
        "fee_minor": fact.fee_minor,
        "collected_minor": fact.collected_minor,
        "rate_ppm": fact.rate_ppm,
        "references": dict(fact.references),
    }


def from_payload(payload: Mapping[str, Any]) -> UsageFact:
    """The fact that a payload was made from."""
    return UsageFact(
        source=payload["source"],
        source_key=payload["source_key"],
        kind=UsageKind(payload["kind"]),
        payable_id=UUID(payload["payable_id"]),
        amount=Money(payload["amount_minor"], payload["currency"]),
        occurred_at=datetime.fromisoformat(payload["occurred_at"]),
        collection=Collection(payload["collection"]),
        target_key=payload["target_key"],
        fee_minor=payload["fee_minor"],
        collected_minor=payload["collected_minor"],
        rate_ppm=payload["rate_ppm"],
        references=payload["references"],
    )


def digest(payload: Mapping[str, Any]) -> str:
    """What two tellings of one fact have in common."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
