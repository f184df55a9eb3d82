"""The page where a session is paid, and the bank's question. Both work without scripts."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from billing.sandbox import cards
from billing.sandbox.here import sandbox
from billing.sandbox.pages.words import card_words, language, money, words
from billing.sandbox.payments import attempts
from billing.sandbox.payments.objects import open_session
from billing.sandbox.resources import accounts
from billing.sandbox.store import Thing
from billing.sandbox.world import World

OTHER = "other"
_ERRORS = {"generic_decline": "declined", "insufficient_funds": "insufficient"}
_UNPAID = HTTPStatus.UNPROCESSABLE_ENTITY

pages = Blueprint("checkout", __name__)


@pages.get("/c/pay/<session_id>")
def pay(session_id: str) -> ResponseReturnValue:
    account, session = _located(sandbox().world, session_id)
    if open_session(sandbox().world, account, session_id) is None:
        return _closed(sandbox().world, account, session)
    return _pay_page(sandbox().world, account, session)


@pages.post("/c/pay/<session_id>")
def submit_payment(session_id: str) -> ResponseReturnValue:
    account, session = _located(sandbox().world, session_id)
    chosen = request.form.get("card", "")
    means = cards.read(request.form.get("number", "") if chosen == OTHER else chosen)
    if means is None:
        return _pay_page(sandbox().world, account, session, error="wrong_number"), _UNPAID
    outcome = attempts.attempt(sandbox().world, account, session_id, means)
    sandbox().nudge()
    if outcome == "challenge":
        return redirect(url_for("checkout.ask", session_id=session_id), HTTPStatus.SEE_OTHER)
    return _after(sandbox().world, session_id, outcome)


@pages.get("/c/authenticate/<session_id>")
def ask(session_id: str) -> ResponseReturnValue:
    account, session = _located(sandbox().world, session_id)
    intent = sandbox().world.store.find(account, "payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "requires_action":
        return redirect(url_for("checkout.pay", session_id=session_id), HTTPStatus.SEE_OTHER)
    facts = _facts(sandbox().world, account, session)
    return render_template("sandbox/bank.html", last4=intent["_means"]["last4"], **facts)


@pages.post("/c/authenticate/<session_id>")
def answer(session_id: str) -> ResponseReturnValue:
    account, _ = _located(sandbox().world, session_id)
    approved = request.form.get("answer") == "approve"
    outcome = attempts.answer_challenge(sandbox().world, account, session_id, approved=approved)
    sandbox().nudge()
    return _after(sandbox().world, session_id, outcome)


def _located(world: World, session_id: str) -> tuple[str, Thing]:
    return world.store.locate("checkout.session", session_id) or abort(HTTPStatus.NOT_FOUND)


def _after(world: World, session_id: str, outcome: attempts.Outcome) -> ResponseReturnValue:
    account, session = _located(world, session_id)
    if outcome == "declined":
        intent = world.store.find(account, "payment_intent", session["payment_intent"])
        assert intent is not None, "a declined attempt has a payment intent"
        code = intent["last_payment_error"].get("decline_code", "")
        error = _ERRORS.get(code, "bank_refused")
        return _pay_page(world, account, session, error=error), _UNPAID
    if session["status"] == "complete":
        return redirect(_success_url(session), HTTPStatus.SEE_OTHER)
    return _closed(world, account, session)


def _success_url(session: Thing) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _closed(world: World, account: str, session: Thing) -> ResponseReturnValue:
    paid = session["status"] == "complete"
    onward = _success_url(session) if paid else session.get("cancel_url")
    facts = _facts(world, account, session)
    page = render_template("sandbox/closed.html", paid=paid, onward=onward, **facts)
    return page, HTTPStatus.OK if paid else HTTPStatus.GONE


def _pay_page(world: World, account: str, session: Thing, *, error: str = "") -> str:
    facts = _facts(world, account, session)
    said = card_words(facts["lang"])
    methods = [
        (value, _shown(value, means, facts["words"]), said[value])
        for value, means in cards.OFFERED.items()
    ]
    return render_template(
        "sandbox/pay.html",
        methods=methods,
        chosen=request.form.get("card") or cards.SUCCESS,
        number=request.form.get("number", "") if error == "wrong_number" else "",
        error=facts["words"][error] if error else "",
        **facts,
    )


def _shown(value: str, means: cards.Means, said: Mapping[str, str]) -> str:
    if means.kind != "card":
        return said["debit"].format(last4=means.last4)
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def _facts(world: World, account: str, session: Thing) -> Thing:
    lang = language(session.get("locale"))
    lines = [
        (
            line["description"],
            line["quantity"],
            money(line["amount_total"], session["currency"], lang),
        )
        for line in session["_line_items"]
    ]
    return {
        "lang": lang,
        "words": words(lang),
        "session": session,
        "shop": accounts.display_name(world, account),
        "amount": money(session["amount_total"], session["currency"], lang),
        "lines": lines,
    }
