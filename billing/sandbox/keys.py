"""Which account a call acts for. A key is a namespace; so is a connected account."""

import hashlib
import re

from billing.sandbox.errors import invalid_key, no_access
from billing.sandbox.store import Store, Thing
from billing.sandbox.world import PLATFORM

PLATFORM_KEY = "sk_test_sandbox_platform"
_OWN = re.compile(r"^[sr]k_test_own_([A-Za-z0-9_-]{1,60})$")
_OWN_PREFIX = "acct_own"


def is_own(account: str) -> bool:
    """Whether the account is that of a shop which brings its own key."""
    return account.startswith(_OWN_PREFIX)


def own_account(key: str) -> str | None:
    """The account behind a shop's own key, made from its name; None for any other key."""
    match = _OWN.match(key)
    if match is None:
        return None
    return f"{_OWN_PREFIX}{hashlib.sha256(match[1].encode()).hexdigest()[:12]}"


def account_of(store: Store, *, authorization: str, stripe_account: str | None) -> str:
    """Refuses unknown keys, and accounts that the key has no access to."""
    key = authorization.removeprefix("Bearer ").strip()
    home = PLATFORM if key == PLATFORM_KEY else own_account(key)
    if home is None:
        raise invalid_key(key)
    if home != PLATFORM:
        with store.transaction():
            if store.find(home, "account", home) is None:
                store.add(home, "account", _own_account_facts(home, key))
    if stripe_account is None or stripe_account == home:
        return home
    connected = store.find(PLATFORM, "account", stripe_account) if home == PLATFORM else None
    if connected is None or connected.get("_deauthorized"):
        raise no_access(stripe_account)
    return stripe_account


def _own_account_facts(account: str, key: str) -> Thing:
    match = _OWN.match(key)
    assert match is not None, "only called for own keys"
    name = match[1].replace("_", " ").replace("-", " ").title()
    return {
        "id": account,
        "object": "account",
        "business_profile": {"name": name},
        "settings": {"dashboard": {"display_name": name}},
        "charges_enabled": True,
        "payouts_enabled": True,
        "details_submitted": True,
        "type": "standard",
        "metadata": {},
    }
