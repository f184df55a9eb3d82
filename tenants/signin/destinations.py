"""Where to go after signing in: only to a page of this very host."""

import re
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, make_response, redirect, request, session

from kernel.headers import drop_cookie, set_cookie
from tenants.factors.queries import has_factor, list_demands
from tenants.factors.services.enter import open_entry
from tenants.factors.services.sign_in import begin_second_step
from tenants.people.services.passwords import known_device_token
from tenants.sessions.models import Realm
from tenants.sessions.rules import LIFETIMES, PROOF_GOOD_FOR
from tenants.signin.devices import this_device
from tenants.signin.visitors import merchant_token

# One slash, then anything printable that is neither a second slash nor a backslash first.
PATH = re.compile(r"/(?![/\\])[!-~]*")
LONGEST = 2000
KNOWN_SECONDS = 365 * 24 * 3600


def safe_path(text: str | None, *, otherwise: str = "/") -> str:
    """A path of this host, or the other one for every text that could lead elsewhere."""
    if text and len(text) <= LONGEST and PATH.fullmatch(text) and "\\" not in text:
        return text
    return otherwise


def path_of(referrer: str | None) -> str:
    """The path of a page of this host that led here; empty for any other."""
    parts = (referrer or "").partition("://")[2].partition("/")
    return safe_path("/" + parts[2], otherwise="") if parts[0] == request.host else ""


def signed_in_answer(person_id: UUID, to: str) -> Response:
    """Go on as this person, once they gave their code where they have a second factor. Whom a shop
    asks for one is led to set it up, each time until it is done."""
    if has_factor(person_id):
        session["second_step"] = begin_second_step(person_id=person_id)
        session["second_step_to"] = to
        return make_response(redirect("/sign-in/code", 303))
    if list_demands(person_id):
        to = f"/account/second-factor?{urlencode({'next': to})}"
    return entered_answer(person_id, to)


def entered_answer(person_id: UUID, to: str, *, how: str = "password") -> Response:
    """Go on as this person: with a new session on this device, the one before is over. The browser
    is known from now on, so that strangers in its place do not keep the person out."""
    device, address = this_device()
    entry = open_entry(
        person_id=person_id, how=how, device=device, address=address, replaces=merchant_token()
    )
    answer = make_response(redirect(to, 303))
    whole = int(LIFETIMES[Realm.MERCHANT].total.total_seconds())
    set_cookie(answer, "mid", entry.token, max_age=whole)
    set_cookie(answer, "did", known_device_token(person_id), max_age=KNOWN_SECONDS)
    return with_proof(answer, entry.proof)


def with_proof(answer: Response, proof: str) -> Response:
    """The browser keeps the proof as long as it is good for."""
    set_cookie(answer, "proof", proof, max_age=int(PROOF_GOOD_FOR.total_seconds()))
    return answer


def signed_out_answer(to: str) -> Response:
    """Go on as nobody."""
    answer = make_response(redirect(to, 303))
    drop_cookie(answer, "mid")
    drop_cookie(answer, "proof")
    return answer
