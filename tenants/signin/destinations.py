"""Where to go after signing in: only to a page of this very host."""

import re
from uuid import UUID

from flask import Response, make_response, redirect

from kernel.headers import drop_cookie, set_cookie
from tenants.sessions.models import Realm
from tenants.sessions.rules import LIFETIMES
from tenants.sessions.services import open_session
from tenants.signin.devices import this_device
from tenants.signin.visitors import merchant_token

# One slash, then anything printable that is neither a second slash nor a backslash first.
PATH = re.compile(r"/(?![/\\])[!-~]*")
LONGEST = 2000


def safe_path(text: str | None, *, otherwise: str = "/") -> str:
    """A path of this host, or the other one for every text that could lead elsewhere."""
    if text and len(text) <= LONGEST and PATH.fullmatch(text) and "\\" not in text:
        return text
    return otherwise


def signed_in_answer(person_id: UUID, to: str) -> Response:
    """Go on as this person: with a new session on this device, the one before is over."""
    device, address = this_device()
    token = open_session(
        realm=Realm.MERCHANT,
        subject_id=person_id,
        device=device,
        address=address,
        replaces=merchant_token(),
    )
    answer = make_response(redirect(to, 303))
    set_cookie(answer, "mid", token, max_age=int(LIFETIMES[Realm.MERCHANT].total.total_seconds()))
    return answer


def signed_out_answer(to: str) -> Response:
    """Go on as nobody."""
    answer = make_response(redirect(to, 303))
    drop_cookie(answer, "mid")
    return answer
