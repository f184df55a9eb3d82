"""Speaks the provider's HTTP API as it is on the wire, without the SDK."""

from dataclasses import dataclass, replace
from typing import Any

import requests

from billing.sandbox import PLATFORM_KEY, Sandbox

CHECKOUT = {
    "mode": "payment",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1250",
    "line_items[0][price_data][product_data][name]": "Carrots, 1.250 kg",
    "line_items[0][quantity]": "1",
    "success_url": "http://greenfield.shops.test/thanks?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://greenfield.shops.test/checkout",
}


@dataclass(frozen=True)
class Caller:
    sandbox: Sandbox
    key: str = PLATFORM_KEY
    account: str | None = None

    def on(self, account: str) -> "Caller":
        return replace(self, account=account)

    def send(
        self, method: str, path: str, params: dict[str, str] | None = None, *, once: str = ""
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        if self.account:
            headers["Stripe-Account"] = self.account
        if once:
            headers["Idempotency-Key"] = once
        where: dict[str, Any] = {"params" if method == "GET" else "data": params}
        return requests.request(
            method, self.sandbox.url + path, headers=headers, timeout=120, **where
        )

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return answered(self.send("GET", path, params))

    def post(self, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        return answered(self.send("POST", path, params))

    def refused(
        self, path: str, params: dict[str, str] | None = None, *, method: str = "POST"
    ) -> dict[str, Any]:
        answer = self.send(method, path, params)
        assert answer.status_code >= 400, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return {**error, "status": answer.status_code}

    def open_account(self, name: str) -> str:
        made = self.post("/v1/accounts", {"country": "DE", "business_profile[name]": name})
        self.sandbox.change_account(made["id"], "finish")
        return str(made["id"])

    def check_out(self, **more: str) -> dict[str, Any]:
        return self.post("/v1/checkout/sessions", {**CHECKOUT, **more})

    def paid(self, *, fee: int = 0) -> dict[str, Any]:
        """A payment intent that succeeded, with its charge."""
        fees = {"payment_intent_data[application_fee_amount]": str(fee)} if fee else {}
        session = self.check_out(**fees)
        assert self.sandbox.pay(session["id"]) == "paid"
        expand = {"expand[]": "payment_intent.latest_charge"}
        found = self.get(f"/v1/checkout/sessions/{session['id']}", **expand)
        intent: dict[str, Any] = found["payment_intent"]
        return intent

    def events(self) -> list[str]:
        """The account's event types, oldest first."""
        listed = self.get("/v1/events", limit="100")["data"]
        return [event["type"] for event in reversed(listed)]


def answered(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
