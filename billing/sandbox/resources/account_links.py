"""Links into onboarding: single use, minutes long, a bearer secret."""

from billing.sandbox.calls import Call
from billing.sandbox.errors import no_such
from billing.sandbox.resources import accounts, checks
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, World, new_id

_VALID_SECONDS = 300


def create(call: Call) -> Thing:
    account_id = call.params["account"]
    if call.account != PLATFORM or call.store.find(PLATFORM, "account", account_id) is None:
        raise no_such("account", account_id, "account")
    checks.demand(call.params, "refresh_url", "return_url")
    link = {
        "id": new_id("link"),
        "account": account_id,
        "refresh_url": checks.url(call.params, "refresh_url"),
        "return_url": checks.url(call.params, "return_url"),
        "expires_at": call.world.now() + _VALID_SECONDS,
        "used": False,
    }
    call.store.add(PLATFORM, "account_link", link)
    return {
        "object": "account_link",
        "created": call.world.now(),
        "expires_at": link["expires_at"],
        "url": f"{call.world.base_url}/connect/{link['id']}",
    }


def is_open(world: World, link: Thing) -> bool:
    return not link["used"] and world.now() < link["expires_at"]


def finish(world: World, link: Thing, *, complete: bool) -> None:
    """Use the link up; when complete, the account can charge and be paid out from now on."""
    with world.store.transaction():
        world.store.save(PLATFORM, "account_link", {**link, "used": True})
        account = world.store.find(PLATFORM, "account", link["account"])
        assert account is not None, "a link is only made for an account"
        if complete:
            accounts.change(world, account, accounts.standing(submitted=True))
