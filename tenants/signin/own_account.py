"""A person's own page: name, language, password, and where they are signed in."""

from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from tenants.people.services.passwords import change_password
from tenants.people.services.profiles import change_person
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.sessions.services import close_one_session, close_sessions
from tenants.signin import account
from tenants.signin.access import ask_for_proof, proved_again, signed_in
from tenants.signin.destinations import entered_answer
from tenants.signin.devices import device_words, this_device
from tenants.signin.forms import ChangePasswordForm, PersonForm

OWN_PAGE = "/account"


@account.get("/account")
@signed_in
def show_account() -> ResponseReturnValue:
    """Everything about oneself."""
    return _page(PersonForm(data={"name": current_user.name, "language": current_user.language}))


@account.post("/account")
@signed_in
def change_account() -> ResponseReturnValue:
    """Another name or language."""
    form = PersonForm()
    if form.validate() and form.succeeds(
        change_person,
        person_id=current_user.id,
        name=form.name.data,
        language=form.language.data,
    ):
        flash(gettext("Saved."), "ok")
        return redirect(f"{OWN_PAGE}?lang={form.language.data}", 303)
    return _page(form)


@account.get("/account/password")
@signed_in
def show_password() -> ResponseReturnValue:
    """Ask for the present and the new password."""
    return render_template("site/password.html", form=ChangePasswordForm())


@account.post("/account/password")
@signed_in
def set_password() -> ResponseReturnValue:
    """The new password holds; every other device is signed out, this one goes on. The present one
    proves who is there; whoever has a second factor gives a code besides."""
    if current_user.second_factor_since is not None:
        ask_for_proof()
    form = ChangePasswordForm()
    if form.validate() and form.succeeds(
        change_password,
        person_id=current_user.id,
        current=form.current.data,
        password=form.password.data,
        address=this_device()[1],
    ):
        flash(gettext("Your new password is set. All other devices are signed out."), "ok")
        return entered_answer(current_user.id, OWN_PAGE)
    return render_template("site/password.html", form=form), form.answer_status


@account.post("/account/sessions/<uuid:session_id>/end")
@proved_again
def end_session(session_id: UUID) -> ResponseReturnValue:
    """One device is signed out."""
    close_one_session(realm=Realm.MERCHANT, subject_id=current_user.id, session_id=session_id)
    flash(gettext("That device is signed out."), "ok")
    return redirect(OWN_PAGE, 303)


@account.post("/account/sessions/end-others")
@proved_again
def end_other_sessions() -> ResponseReturnValue:
    """Every device but this one is signed out."""
    close_sessions(realm=Realm.MERCHANT, subject_id=current_user.id, keep=current_user.session_id)
    flash(gettext("All other devices are signed out."), "ok")
    return redirect(OWN_PAGE, 303)


def _page(form: PersonForm) -> ResponseReturnValue:
    sessions = [
        {
            "id": found.id,
            "words": device_words(found.device),
            "address": found.address,
            "last_seen_at": found.last_seen_at,
            "here": found.id == current_user.session_id,
        }
        for found in list_sessions(realm=Realm.MERCHANT, subject_id=current_user.id)
    ]
    page = render_template("site/account.html", form=form, sessions=sessions, person=current_user)
    return page, form.answer_status
