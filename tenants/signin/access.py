"""Pages of the merchants' host that belong to a person rather than to a shop."""

from typing import NoReturn
from urllib.parse import urlencode

from flask import abort, redirect, request
from flask_login import current_user

from kernel.policy import Policy, declare, guard

signed_in = declare(Policy("signed_in"))


def enforce(_policy: Policy) -> None:
    """Only people who are signed in; others are asked to."""
    if not current_user.is_authenticated:
        ask_to_sign_in()


def ask_to_sign_in() -> NoReturn:
    """Lead to the sign-in page and, after a look-up, back to where the person was going."""
    back = {"next": request.full_path.rstrip("?")} if request.method == "GET" else {}
    abort(redirect("/sign-in" + ("?" + urlencode(back) if back else ""), 303))


guard("signed_in", enforce)
