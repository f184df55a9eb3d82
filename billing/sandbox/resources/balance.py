"""The account's money at the provider."""

from billing.sandbox import journal
from billing.sandbox.calls import Call
from billing.sandbox.store import Thing


def retrieve(call: Call) -> Thing:
    funds = journal.balance(call.store, call.account)
    return {
        "object": "balance",
        "available": [{"amount": amount, "currency": code} for code, amount in funds.items()],
        "pending": [{"amount": 0, "currency": code} for code in funds],
        "livemode": False,
    }
