"""Getting back in without the password."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from kernel.i18n import language
from kernel.policy import public
from tenants.people.errors import ResetIsOver
from tenants.people.services.passwords import ask_for_reset, find_reset, reset_password
from tenants.signin import account
from tenants.signin.destinations import signed_in_answer
from tenants.signin.devices import this_device
from tenants.signin.forms import ForgottenForm, NewPasswordForm


@account.get("/forgotten-password")
@public
def show_forgotten() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("site/forgotten.html", form=ForgottenForm())


@account.post("/forgotten-password")
@public
def ask_for_link() -> ResponseReturnValue:
    """A mail is on its way, whoever asked."""
    form = ForgottenForm()
    if form.validate() and form.succeeds(
        ask_for_reset, email=form.email.data, language=language(), address=this_device()[1]
    ):
        return redirect("/forgotten-password/sent", 303)
    return render_template("site/forgotten.html", form=form), form.answer_status


@account.get("/forgotten-password/sent")
@public
def show_sent() -> ResponseReturnValue:
    """Say that a mail is on its way, and what to do if none comes."""
    return render_template("site/forgotten_sent.html")


@account.get("/reset/<token>")
@public
def show_reset(token: str) -> ResponseReturnValue:
    """Ask for a new password."""
    if find_reset(token) is None:
        raise ResetIsOver
    return render_template("site/reset.html", form=NewPasswordForm())


@account.post("/reset/<token>")
@public
def use_reset(token: str) -> ResponseReturnValue:
    """The new password holds, every other device is signed out, and this one is in."""
    if find_reset(token) is None:
        raise ResetIsOver
    form = NewPasswordForm()
    if form.validate():
        person_id = form.attempt(reset_password, token, password=form.password.data)
        if person_id is not None:
            flash(gettext("Your new password is set. All other devices are signed out."), "ok")
            return signed_in_answer(person_id, "/")
    return render_template("site/reset.html", form=form), form.answer_status
