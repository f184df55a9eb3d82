"""The page that asks people to prove again who they are, and takes what they typed along.

What was typed travels in the page itself, as hidden fields, and is sent on by a redirect that
keeps method and body; secrets do not travel and are asked for again.
"""

from flask import Response, make_response, redirect, render_template, request
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from kernel.forms import SheafForm
from tenants.signin.destinations import path_of, safe_path

CONFIRM = "/account/confirm"
OURS = frozenset({"proof", "proof_to", "proof_sent", "proof_back", "csrf_token"})
SECRETS = frozenset({"key", "password", "current", "code"})


class ProofForm(SheafForm):
    """For people without a second factor."""

    proof = PasswordField(_("Your password"), [InputRequired(_("Enter your password."))])


class CodeProofForm(SheafForm):
    """For people with one, and for staff."""

    proof = StringField(
        _("Code from your app"), [InputRequired(_("Enter the code.")), Length(max=40)]
    )


def here() -> str:
    """The address that was asked for, with its query."""
    return str(request.full_path.rstrip("?"))


def proof_form(*, coded: bool, empty: bool = False) -> ProofForm | CodeProofForm:
    """The form that asks for what this person must give."""
    form = CodeProofForm if coded else ProofForm
    return form(formdata=None) if empty else form()


def proof_page(template: str, *, coded: bool) -> Response:
    """Instead of doing what was sent: ask first. 403, because nothing was done."""
    back = (path_of(request.referrer) or "/") if SECRETS & set(request.form) else ""
    form = proof_form(coded=coded, empty=True)
    page = _page(template, form, to=here(), sent=True, back=back)
    return Response(page, status=403, content_type="text/html; charset=utf-8")


def ask_to_prove(template: str, *, coded: bool, to: str) -> str:
    """The page before something that is only looked at."""
    return _page(template, proof_form(coded=coded, empty=True), to=to, sent=False, back="")


def ask_once_more(template: str, form: ProofForm | CodeProofForm) -> tuple[str, int]:
    """The page again, after something wrong was given."""
    to, sent, back = _goal()
    return _page(template, form, to=to, sent=sent, back=back), form.answer_status


def onward() -> Response:
    """On to where the person was going, with what they had sent."""
    to, sent, back = _goal()
    if back:
        return make_response(redirect(back, 303))
    return make_response(redirect(to, 307 if sent else 303))


def left_secrets_behind() -> bool:
    """Whether something the person had typed must be typed again."""
    return bool(_goal()[2])


def _goal() -> tuple[str, bool, str]:
    sent = request.form.get("proof_sent") == "1"
    back = safe_path(request.form.get("proof_back"), otherwise="")
    return safe_path(request.form.get("proof_to")), sent, back


def _page(template: str, form: ProofForm | CodeProofForm, *, to: str, sent: bool, back: str) -> str:
    sent_fields: MultiDict[str, str] = request.form
    typed = [
        (name, value) for name, value in sent_fields.items(multi=True) if name not in OURS | SECRETS
    ]
    return render_template(template, form=form, to=to, sent=sent, back=back, typed=typed)
