"""Face: the public site, and everything about signing up, in and out.

`site` is the platform's own host; `account` is the merchants' host, outside any shop.
"""

from flask import Blueprint

from kernel.settings import settings
from tenants.people.rules import Role
from tenants.signin.words import role_words

site = Blueprint("site", __name__, template_folder="templates")
account = Blueprint("account", __name__, template_folder="templates")


@site.context_processor
@account.context_processor
def where_things_are() -> dict[str, str]:
    """Shops are opened on the site's host, people sign in on the merchants'."""
    return {"sign_in_url": f"{settings().app_origin}/sign-in", "site_url": settings().site_origin}


@site.app_template_filter("role")
def name_role(role: Role) -> str:
    """What a role is called."""
    return role_words(role)


from tenants.signin import (  # noqa: E402 - they need the blueprints
    codes,
    doors,
    joining,
    landing,
    own_account,
    proving,
    resets,
    second_factor,
    shops,
)

__all__ = [
    "account",
    "codes",
    "doors",
    "joining",
    "landing",
    "own_account",
    "proving",
    "resets",
    "second_factor",
    "shops",
    "site",
]
