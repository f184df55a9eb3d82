"""Checkout Sessions: an amount to be paid on a hosted page until a moment."""

from typing import Any

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal, missing
from billing.sandbox.payments import later
from billing.sandbox.resources import accounts, checks
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, new_id

_SHORTEST, _LONGEST = 30 * 60, 24 * 60 * 60
_SLACK = 5  # the caller's clock and ours
_LONGEST_REFERENCE = 200
_SMALLEST = {"gbp": 30, "hkd": 400, "jpy": 50, "mxn": 1000, "dkk": 250, "sek": 300, "nok": 300}
_SMALLEST_OTHERWISE = 50
_ECHOED = ("client_reference_id", "customer_email", "locale", "cancel_url", "submit_type")


def create(call: Call) -> Thing:
    params = call.params
    _check(call)
    lines = _lines(params["line_items"])
    total = sum(line["amount_total"] for line in lines)
    currency: str = lines[0]["currency"]
    _check_amount(total, currency)
    intent = params.get("payment_intent_data", {})
    fee = _fee(call, intent, total)
    session_id = new_id("cs_test")
    session = {
        "id": session_id,
        "object": "checkout.session",
        "mode": "payment",
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "created": call.world.now(),
        "expires_at": _expires_at(call),
        "success_url": checks.url(params, "success_url"),
        "metadata": checks.metadata(params),
        "payment_method_types": params.get("payment_method_types", ["card"]),
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": {},
        "shipping_options": [],
        "livemode": False,
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "ui_mode": "hosted_page",
        "url": f"{call.world.base_url}/c/pay/{session_id}",
        **{name: params[name] for name in _ECHOED if name in params},
        "_line_items": lines,
        "_fee": fee,
        "_intent": {**intent, "metadata": checks.metadata(intent)},
        "_by_platform": call.on_connected,
    }
    call.store.add(call.account, "checkout.session", session)
    return dressed(call, session)


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("checkout.session", call.ids[0], param="session"))


def list_all(call: Call) -> Thing:
    sessions = call.store.list_all(call.account, "checkout.session")
    for name in ("payment_intent", "status"):
        if name in call.params:
            sessions = [one for one in sessions if one[name] == call.params[name]]
    return page(call, sessions)


def expire(call: Call) -> Thing:
    session = call.get("checkout.session", call.ids[0], param="session")
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`."
        )
    return dressed(call, later.expire(call.world, call.account, session))


def _check(call: Call) -> None:
    params = call.params
    checks.demand(params, "mode", "line_items", "success_url")
    if params["mode"] != "payment":
        raise Refusal("The sandbox knows only mode `payment`.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("The sandbox knows only the hosted page.", param="ui_mode")
    if "cancel_url" in params:
        checks.url(params, "cancel_url")
    if len(params.get("client_reference_id", "")) > _LONGEST_REFERENCE:
        raise Refusal("Must be at most 200 characters", param="client_reference_id")
    if "@" not in params.get("customer_email", "@"):
        email = params["customer_email"]
        raise Refusal(
            f"Invalid email address: {email}", code="email_invalid", param="customer_email"
        )
    account = call.store.find(PLATFORM, "account", call.account)
    if account is not None and not account["charges_enabled"]:
        name = accounts.display_name(call.world, call.account)
        raise Refusal(f"The account {name} ({call.account}) cannot currently make charges.")


def _lines(items: list[dict[str, Any]]) -> list[Thing]:
    lines = [_line(item, f"line_items[{n}]") for n, item in enumerate(items)]
    if not lines:
        raise missing("line_items")
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise Refusal(
            "All prices on a Checkout Session must use the same currency.", param="line_items"
        )
    return lines


def _line(item: dict[str, Any], path: str) -> Thing:
    for name in ("price_data", "quantity"):
        if name not in item:
            raise missing(f"{path}[{name}]")
    price = item["price_data"]
    for name in ("unit_amount", "product_data"):
        if name not in price:
            raise missing(f"{path}[price_data][{name}]")
    quantity = checks.positive(item["quantity"], f"{path}[quantity]")
    if price["unit_amount"] < 0:
        raise Refusal("Invalid non-negative integer", param=f"{path}[price_data][unit_amount]")
    total = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "description": price["product_data"]["name"],
        "quantity": quantity,
        "currency": price["currency"].lower(),
        "amount_subtotal": total,
        "amount_total": total,
        "price": {"unit_amount": price["unit_amount"], "currency": price["currency"].lower()},
    }


def _check_amount(total: int, currency: str) -> None:
    smallest = _SMALLEST.get(currency, _SMALLEST_OTHERWISE)
    if total < smallest:
        raise Refusal(
            f"The Checkout Session's total amount must be at least {smallest} {currency}.",
            code="amount_too_small",
        )
    checks.positive(total, "line_items")


def _fee(call: Call, intent: dict[str, Any], total: int) -> int:
    if "application_fee_amount" not in intent:
        return 0
    param = "payment_intent_data[application_fee_amount]"
    if not call.on_connected:
        raise Refusal(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using an OAuth key or Stripe-Account header) or destination payment.",
            param=param,
        )
    fee: int = intent["application_fee_amount"]
    if fee < 0:
        raise Refusal("Invalid non-negative integer", param=param)
    if fee > total:
        raise Refusal(
            f"The application fee ({fee}) must not be greater than the amount ({total}).",
            code="application_fee_amount_too_large",
            param=param,
        )
    return fee


def _expires_at(call: Call) -> int:
    now = call.world.now()
    moment: int = call.params.get("expires_at", now + _LONGEST)
    if not now + _SHORTEST - _SLACK <= moment <= now + _LONGEST + _SLACK:
        raise Refusal(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout "
            "Session creation.",
            param="expires_at",
        )
    return moment
