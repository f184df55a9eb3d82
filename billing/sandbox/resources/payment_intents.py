"""Payment intents and charges, as far as Sheaf reads them."""

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.store import Thing


def retrieve(call: Call) -> Thing:
    return dressed(call, call.get("payment_intent", call.ids[0], param="intent"))


def list_all(call: Call) -> Thing:
    return page(call, call.store.list_all(call.account, "payment_intent"))


def retrieve_charge(call: Call) -> Thing:
    return dressed(call, call.get("charge", call.ids[0], param="id"))


def list_charges(call: Call) -> Thing:
    charges = call.store.list_all(call.account, "charge")
    if "payment_intent" in call.params:
        wanted = call.params["payment_intent"]
        charges = [charge for charge in charges if charge["payment_intent"] == wanted]
    return page(call, charges)
