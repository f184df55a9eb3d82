"""Signing in and out."""

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user

from kernel.headers import cookie_name
from kernel.policy import public
from tenants.people.services.passwords import check_sign_in, known_device
from tenants.sessions.models import Realm
from tenants.sessions.services import close_session
from tenants.signin import account
from tenants.signin.destinations import safe_path, signed_in_answer, signed_out_answer
from tenants.signin.devices import this_device
from tenants.signin.forms import SignInForm
from tenants.signin.visitors import merchant_token


@account.get("/sign-in")
@public
def show_sign_in() -> ResponseReturnValue:
    """Ask who is there; someone who is known goes on at once."""
    to = safe_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(to, 303)
    return render_template("site/sign_in.html", form=SignInForm(data={"next": to}))


@account.post("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Let in who knows the password; one answer for all who do not."""
    form = SignInForm()
    if form.validate():
        person = form.attempt(
            check_sign_in,
            email=form.email.data,
            password=form.password.data,
            address=this_device()[1],
            device=known_device(request.cookies.get(cookie_name("did"), ""), email=form.email.data),
        )
        if person is not None:
            session.clear()
            return signed_in_answer(person.id, safe_path(form.next.data))
    return render_template("site/sign_in.html", form=form), form.answer_status


@account.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """The session of this device is over."""
    close_session(realm=Realm.MERCHANT, token=merchant_token())
    session.clear()
    return signed_out_answer("/sign-in")
