"""A person's second factor: set up, moved, switched off, and the codes on paper."""

from flask import flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from tenants.factors.queries import count_recovery_codes, list_demands
from tenants.factors.services.remove import remove_own_factor
from tenants.factors.services.set_up import (
    begin_set_up,
    confirm_set_up,
    find_set_up,
    renew_recovery_codes,
)
from tenants.signin import account
from tenants.signin.access import SET_UP, proved_again, signed_in
from tenants.signin.destinations import safe_path
from tenants.signin.forms import ConfirmFactorForm, EmptyForm
from tenants.signin.qr import draw_qr


@account.get("/account/second-factor")
@signed_in
def show_second_factor() -> ResponseReturnValue:
    """Whether there is one, who asks for it and until when, and what can be done."""
    if request.args.get("next"):
        session["after_factor"] = safe_path(request.args["next"])
    return _page(EmptyForm())


@account.post("/account/second-factor/set-up")
@proved_again
def begin() -> ResponseReturnValue:
    """A secret waits for the app."""
    form = EmptyForm()
    if form.validate() and form.succeeds(begin_set_up, person_id=current_user.id):
        return redirect(f"{SET_UP}/set-up", 303)
    return _page(form)


@account.get("/account/second-factor/set-up")
@proved_again
def show_set_up() -> ResponseReturnValue:
    """The picture for the app, the same to type, and the field for its first code."""
    return _set_up_page(ConfirmFactorForm())


@account.post("/account/second-factor/confirmation")
@proved_again
def confirm_factor() -> ResponseReturnValue:
    """The app shows the right code: it is asked for from now on. The recovery codes, once."""
    form = ConfirmFactorForm()
    if form.validate():
        codes = form.attempt(
            confirm_set_up,
            person_id=current_user.id,
            code=form.code.data or "",
            keep=current_user.session_id,
        )
        if codes is not None:
            return _codes_page(codes, new=True)
    return _set_up_page(form)


@account.post("/account/second-factor/codes")
@proved_again
def renew_codes() -> ResponseReturnValue:
    """Ten new recovery codes, once."""
    form = EmptyForm()
    if form.validate():
        codes = form.attempt(renew_recovery_codes, person_id=current_user.id)
        if codes is not None:
            return _codes_page(codes, new=False)
    return _page(form)


@account.post("/account/second-factor/removal")
@proved_again
def remove_factor() -> ResponseReturnValue:
    """The password alone signs in again."""
    form = EmptyForm()
    if form.validate() and form.succeeds(remove_own_factor, person_id=current_user.id):
        flash(gettext("The second step is switched off. Your password alone signs you in."), "ok")
        return redirect(SET_UP, 303)
    return _page(form)


def _page(form: EmptyForm) -> ResponseReturnValue:
    page = render_template(
        "site/second_factor.html",
        form=form,
        since=current_user.second_factor_since,
        left=count_recovery_codes(current_user.id),
        demands=list_demands(current_user.id),
        onward=safe_path(session.get("after_factor"), otherwise=""),
    )
    return page, form.answer_status


def _set_up_page(form: ConfirmFactorForm) -> ResponseReturnValue:
    found = find_set_up(current_user.id)
    if found is None:
        return redirect(SET_UP, 303)
    form.code.data = ""
    spaced = " ".join(found.secret[at : at + 4] for at in range(0, len(found.secret), 4))
    page = render_template(
        "site/factor_set_up.html", form=form, uri=found.uri, qr=draw_qr(found.uri), secret=spaced
    )
    return page, form.answer_status


def _codes_page(codes: list[str], *, new: bool) -> ResponseReturnValue:
    onward = safe_path(session.pop("after_factor", ""), otherwise=SET_UP)
    return render_template("site/recovery_codes.html", codes=codes, new=new, onward=onward)
