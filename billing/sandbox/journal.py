"""The sandbox's own record of money, written as it moves and never rewritten.

Tests compare Sheaf with this, not with what the API answers.
"""

from collections import defaultdict
from typing import Any

from billing.sandbox.store import Store

_TOTALS = {
    "capture": "captured",
    "refund": "refunded",
    "refund_failed": "refunds_failed",
    "fee": "fees",
    "fee_refund": "fees_returned",
}
_RARE = {"dispute": "disputed", "dispute_won": "disputes_won"}  # only where there were any
_NAMES = _TOTALS | _RARE
_SIGNS = {
    "capture": 1, "refund": -1, "refund_failed": 1, "fee": -1, "fee_refund": 1, "dispute": -1,
    "dispute_won": 1,
}  # fmt: skip


def record(store: Store) -> dict[str, Any]:
    """All lines, oldest first, and their sums per account and currency, in minor units."""
    lines = [{**line, "account": account} for account, line in store.list_everywhere("journal")]
    totals: dict[str, dict[str, dict[str, int]]] = {}
    for line in lines:
        sums = totals.setdefault(line["account"], {}).setdefault(
            line["currency"], dict.fromkeys((*_TOTALS.values(), "net"), 0)
        )
        name = _NAMES[line["what"]]
        sums[name] = sums.get(name, 0) + line["amount"]
        sums["net"] += _SIGNS[line["what"]] * line["amount"]
    return {"lines": lines, "totals": totals}


def balance(store: Store, account: str) -> dict[str, int]:
    """What the account has, by currency. The sandbox itself charges nothing."""
    sums: dict[str, int] = defaultdict(int)
    for line in store.list_all(account, "journal"):
        sums[line["currency"]] += _SIGNS[line["what"]] * line["amount"]
    return dict(sums)
