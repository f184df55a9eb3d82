"""Signing in to the console, and out."""

import re

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_login import current_user
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from admin.console.access import StaffHere, staff_only, staff_token
from kernel.forms import SheafForm
from kernel.headers import drop_cookie, set_cookie
from kernel.policy import public
from tenants.sessions.models import Realm
from tenants.sessions.services import close_session
from tenants.staff import services

signin = Blueprint("console_signin", __name__, template_folder="templates")
OWN_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f]*")


class SignInForm(SheafForm):
    """Everything at once, so that no answer tells which part was wrong."""

    email = StringField(
        _("E-mail"), [InputRequired(_("Enter your e-mail address.")), Length(max=254)]
    )
    password = PasswordField(
        _("Password"), [InputRequired(_("Enter your password.")), Length(max=200)]
    )
    code = StringField(_("One-time code"), [InputRequired(_("Enter the code.")), Length(max=40)])


def own_path(wanted: str) -> str:
    """A path on this host to go to next; the start page for anything else."""
    return wanted if OWN_PATH.fullmatch(wanted) else "/"


@signin.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """A session of its own realm, in a cookie of its own, for e-mail, password and code."""
    goal = own_path(request.args.get("next", "/"))
    if isinstance(current_user._get_current_object(), StaffHere):  # noqa: SLF001 - a proxy's object
        return redirect(goal, 303)
    form = SignInForm()
    if form.validate_on_submit():
        token = form.attempt(
            services.sign_in,
            email=form.email.data, password=form.password.data, code=form.code.data,
            device=request.user_agent.string, address=request.remote_addr or "",
        )  # fmt: skip
        if token is not None:
            answer = make_response(redirect(goal, 303))
            set_cookie(answer, "pid", token)
            return answer
    form.code.data = ""  # never sent back: by the next try it is old or used
    failed = form.errors or form.refusal
    return render_template("console/sign_in.html", form=form), form.status if failed else 200


@signin.post("/sign-out")
@staff_only
def sign_out() -> ResponseReturnValue:
    """This device is signed out."""
    close_session(realm=Realm.STAFF, token=staff_token())
    answer = make_response(redirect("/sign-in", 303))
    drop_cookie(answer, "pid")
    return answer
