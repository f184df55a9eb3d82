"""Connected accounts, and the account behind a key."""

from typing import Any

from babel.core import UnknownLocaleError
from babel.numbers import get_territory_currencies

from billing.sandbox.calls import Call, dressed, page
from billing.sandbox.errors import Refusal, no_access
from billing.sandbox.resources import checks
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, World, new_id

DUE = ["business_profile.url", "external_account", "representative.dob.day", "tos_acceptance.date"]
_KEPT = ("business_profile", "business_type", "controller", "email")


def create(call: Call) -> Thing:
    params = call.params
    if "type" in params and "controller" in params:
        raise Refusal("You may only specify one of these parameters: type, controller.")
    country = params.get("country", "US")
    account_id = new_id("acct")
    account = {
        "id": account_id,
        "object": "account",
        "created": call.world.now(),
        "country": country,
        "default_currency": params.get("default_currency") or _currency(country),
        "metadata": checks.metadata(params),
        "type": params.get("type", "none"),
        "settings": {"dashboard": {"display_name": _name(params)}},
        **{name: params[name] for name in _KEPT if name in params},
        **standing(submitted=False),
    }
    call.store.add(PLATFORM, "account", account)
    return dressed(call, account)


def retrieve(call: Call) -> Thing:
    return dressed(call, _find(call, call.ids[0]))


def retrieve_current(call: Call) -> Thing:
    if call.account == PLATFORM:
        return dressed(call, _platform())
    return dressed(call, _find(call, call.account))


def update(call: Call) -> Thing:
    account = _find(call, call.ids[0])
    changes = {name: call.params[name] for name in _KEPT if name in call.params}
    kept = {**account["metadata"], **checks.metadata(call.params)}
    return dressed(call, change(call.world, account, {**changes, "metadata": kept}))


def list_all(call: Call) -> Thing:
    if call.account != PLATFORM:
        return page(call, [])
    return page(call, call.store.list_all(PLATFORM, "account"))


def standing(*, submitted: bool) -> Thing:
    """What onboarding decides, before it and after it is finished."""
    state = "active" if submitted else "inactive"
    return {
        "details_submitted": submitted,
        "charges_enabled": submitted,
        "payouts_enabled": submitted,
        "capabilities": {"card_payments": state, "transfers": state},
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": [] if submitted else DUE,
            "disabled_reason": None if submitted else "requirements.past_due",
            "errors": [],
            "eventually_due": [] if submitted else DUE,
            "past_due": [] if submitted else DUE,
            "pending_verification": [],
        },
    }


def change(world: World, account: Thing, changes: Thing) -> Thing:
    """Save the changes and tell the platform's Connect endpoint of them."""
    previous = {name: account.get(name) for name in changes if account.get(name) != changes[name]}
    changed = {**account, **changes}
    home = PLATFORM if world.store.find(PLATFORM, "account", account["id"]) else account["id"]
    world.store.save(home, "account", changed)
    world.emit(account["id"], "account.updated", changed, previous=previous)
    return changed


def deauthorize(world: World, account: Thing) -> None:
    """The shop takes its permission back: every later call for it is refused with 403."""
    world.store.save(PLATFORM, "account", {**account, "_deauthorized": True})
    application = {"id": "ca_sandbox", "object": "application", "name": "Sheaf"}
    world.emit(account["id"], "account.application.deauthorized", application)


def display_name(world: World, account_id: str) -> str:
    """The name a payer sees."""
    home = PLATFORM if world.store.find(PLATFORM, "account", account_id) else account_id
    account = world.store.find(home, "account", account_id) or _platform()
    name: str = account["settings"]["dashboard"]["display_name"]
    return name or account_id


def _find(call: Call, account_id: str) -> Thing:
    own = call.account == account_id
    home = account_id if own and not call.by_platform else PLATFORM
    account = call.store.find(home, "account", account_id)
    if account is None or account.get("_deauthorized") or not (own or call.account == PLATFORM):
        raise no_access(account_id)
    return account


def _platform() -> Thing:
    return {
        "id": PLATFORM,
        "object": "account",
        "settings": {"dashboard": {"display_name": "Sheaf"}},
        "business_profile": {"name": "Sheaf"},
        "metadata": {},
        "type": "standard",
        **standing(submitted=True),
    }


def _name(params: dict[str, Any]) -> str:
    name: str = params.get("business_profile", {}).get("name") or params.get("email", "")
    return name


def _currency(country: str) -> str:
    try:
        currencies = get_territory_currencies(country)
    except (UnknownLocaleError, KeyError):
        currencies = []
    if not currencies:
        raise Refusal(
            f"Country '{country}' is unknown.", code="country_unsupported", param="country"
        )
    return str(currencies[-1]).lower()
