"""Pages of the merchants' host that belong to a person rather than to a shop."""

from typing import NoReturn
from urllib.parse import urlencode

from flask import abort, redirect, request
from flask_login import current_user

from kernel.headers import SAFE_METHODS
from kernel.policy import Policy, declare, guard
from tenants.signin.proofs import CONFIRM, here, proof_page

signed_in = declare(Policy("signed_in"))
proved_again = declare(Policy("signed_in", step_up=True))
SET_UP = "/account/second-factor"


def enforce(policy: Policy) -> None:
    """Only people who are signed in, and where it says so have just proved it; others are asked."""
    if not current_user.is_authenticated:
        ask_to_sign_in()
    if policy.step_up:
        ask_for_proof()


def ask_for_proof() -> None:
    """Who has not just proved who they are does so first, and then goes on with what they typed."""
    if current_user.fresh:
        return
    if request.method in SAFE_METHODS:
        abort(redirect(f"{CONFIRM}?{urlencode({'next': here()})}", 303))
    abort(proof_page("site/confirm.html", coded=current_user.second_factor_since is not None))


def lead_to_set_up() -> NoReturn:
    """Nothing goes on without a second factor: set it up, then come back."""
    back = {"next": here()} if request.method in SAFE_METHODS else {}
    abort(redirect(SET_UP + ("?" + urlencode(back) if back else ""), 303))


def ask_to_sign_in() -> NoReturn:
    """Lead to the sign-in page and, after a look-up, back to where the person was going."""
    back = {"next": request.full_path.rstrip("?")} if request.method == "GET" else {}
    abort(redirect("/sign-in" + ("?" + urlencode(back) if back else ""), 303))


guard("signed_in", enforce)
