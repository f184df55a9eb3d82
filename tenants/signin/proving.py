"""Proving again who one is, and the second half of signing in."""

from flask import flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from kernel.policy import public
from tenants.factors.errors import SignInIsOver
from tenants.factors.services.prove import prove_again
from tenants.factors.services.sign_in import finish_second_step, waits_for_code
from tenants.sessions.models import Realm
from tenants.sessions.services import resume_session
from tenants.signin import account
from tenants.signin.access import signed_in
from tenants.signin.destinations import (
    entered_answer,
    safe_path,
    signed_out_answer,
    with_proof,
)
from tenants.signin.forms import SecondStepForm
from tenants.signin.proofs import (
    ask_once_more,
    ask_to_prove,
    left_secrets_behind,
    onward,
    proof_form,
)
from tenants.signin.visitors import merchant_token

PAGE = "site/confirm.html"


@account.get("/account/confirm")
@signed_in
def show_confirm() -> ResponseReturnValue:
    """Ask for the password, or for a code where there is a second factor."""
    to = safe_path(request.args.get("next"))
    return ask_to_prove(PAGE, coded=current_user.second_factor_since is not None, to=to)


@account.post("/account/confirm")
@signed_in
def confirm() -> ResponseReturnValue:
    """This browser has proved who is there, and goes on with what was sent before."""
    form = proof_form(coded=current_user.second_factor_since is not None)
    if not form.validate():
        return ask_once_more(PAGE, form)
    proof = form.attempt(
        prove_again,
        person_id=current_user.id,
        session_id=current_user.session_id,
        secret=form.proof.data or "",
    )
    if proof is not None:
        if left_secrets_behind():
            flash(gettext("Thank you. Secrets are never kept: enter yours once more."), "info")
        return with_proof(onward(), proof)
    if resume_session(realm=Realm.MERCHANT, token=merchant_token()) is None:
        flash(form.refusal or form.proof.errors[-1], "error")
        return signed_out_answer("/sign-in")
    return ask_once_more(PAGE, form)


@account.get("/sign-in/code")
@public
def show_second_step() -> ResponseReturnValue:
    """Ask for the code; the password was right a moment ago."""
    if not waits_for_code(session.get("second_step", "")):
        return redirect("/sign-in", 303)
    return render_template("site/second_step.html", form=SecondStepForm())


@account.post("/sign-in/code")
@public
def finish_sign_in() -> ResponseReturnValue:
    """In with the right code; after five wrong ones the password is asked for again."""
    form, to = SecondStepForm(), safe_path(session.get("second_step_to"))
    if form.validate():
        try:
            person = form.attempt(
                finish_second_step, session.get("second_step", ""), code=form.code.data or ""
            )
        except SignInIsOver as over:
            session.clear()
            flash(gettext(over.message), "error")
            return redirect("/sign-in", 303)
        if person is not None:
            session.clear()
            return entered_answer(person.id, to, how="code")
    form.code.data = ""  # never sent back: it is used or wrong
    return render_template("site/second_step.html", form=form), form.answer_status
