"""The form base: CSRF, limits on every text, and refusals shown at the field they belong to."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from flask import g, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    BooleanField,
    Field,
    FileField,
    Form,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from kernel.errors import Conflict, DomainError, Refused, TooMany
from kernel.text import tidy_line, tidy_text

Params = ParamSpec("Params")
Result = TypeVar("Result")
MAX_TEXT = 10_000
STATUS = {TooMany: 429, Conflict: 409, Refused: 422}


def no_control_characters(_form: object, field: Field) -> None:
    """Refuse what PostgreSQL cannot store and no person types (NUL and its kin).

    Only for what is not tidied: passwords and hidden fields.
    """
    text = field.data
    if isinstance(text, str) and any(
        ord(char) < ord(" ") and char not in "\t\n\r" for char in text
    ):
        raise StopValidation(gettext("Remove the invisible control characters."))


def asks_for_something_seen(form: object, field: Field) -> None:
    """A field that must be filled in is empty when only invisible letters were typed."""
    typed = any(isinstance(text, str) and text for text in field.raw_data or ())
    if typed and field.flags.required and field.data == "":
        asking = (check for check in field.validators if "required" in check.field_flags)
        message = next((getattr(check, "message", None) for check in asking), None)
        DataRequired(message)(form, field)


def _tidy(field: Field) -> Callable[[Any], Any]:
    tidy = tidy_text if isinstance(field, TextAreaField) else tidy_line
    return lambda typed: tidy(typed) if isinstance(typed, str) else typed


def _shown(field: Field) -> str:
    """What a field says to whoever reads it."""
    if isinstance(field, BooleanField):
        return str(gettext("yes") if field.data else gettext("no"))
    if isinstance(field, (SelectField, SelectMultipleField)):
        return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.selected)
    return str(field._value()).replace("\r\n", "\n")  # noqa: SLF001 - what its input shows


class SheafForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A form whose typed values survive every refusal. `status` is what to answer with."""

    status = 422
    refusal = ""
    refused_by: DomainError | None = None
    theirs: Sequence[tuple[Field, str]] = ()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask_wtf carries no types
        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """A file counts only where one is asked for, never as the text of a field."""
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            asked = {field.name for field in form if isinstance(field, FileField)}
            files = [one for one in request.files.items(multi=True) if one[0] in asked]
            return CombinedMultiDict((MultiDict(files), request.form))

    def process(self, *args: Any, extra_filters: Any = None, **kwargs: Any) -> None:
        """Every text that a person types is tidied before anything looks at it."""
        filters = dict(extra_filters or {})
        for name, field in self._fields.items():
            if isinstance(field, StringField) and not isinstance(
                field, (HiddenField, PasswordField)
            ):
                filters[name] = [*filters.get(name, []), _tidy(field)]
        super().process(*args, extra_filters=filters, **kwargs)

    def validate(self, extra_validators: dict[str, list[object]] | None = None) -> bool:
        extra = dict(extra_validators or {})
        for name, field in self._fields.items():
            if isinstance(field, StringField) and not isinstance(field, SelectField):
                checks = [no_control_characters, asks_for_something_seen]
                extra[name] = [*extra.get(name, []), *checks]
                if not any(isinstance(check, Length) for check in field.validators):
                    extra[name].append(Length(max=MAX_TEXT))
        return bool(super().validate(extra_validators=extra))

    def attempt(
        self, service: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result | None:
        """Run a service; a refusal lands at its field (or above the form) and None comes back."""
        try:
            return service(*args, **kwargs)
        except (Refused, Conflict, TooMany) as error:
            self.show(error)
            return None

    def succeeds(
        self, service: Callable[Params, object], *args: Params.args, **kwargs: Params.kwargs
    ) -> bool:
        """Run a service whose answer does not matter; says whether it was not refused."""
        self.attempt(service, *args, **kwargs)
        return not (self.refusal or self.errors)

    @property
    def answer_status(self) -> int:
        """What to answer with when the form is shown: 200 unless something was refused."""
        return self.status if self.refusal or self.errors else 200

    def lay_beside(self, stored: "SheafForm") -> None:
        """After a Conflict: `theirs` is each field that is stored otherwise than it was typed here,
        with what is stored; what is hidden is as stored, so that saving again means to keep one's
        own. Nothing typed is touched, and after any other answer nothing happens."""
        if type(self.refused_by) is not Conflict:  # its kinds have words of their own
            return
        found = []
        for name, field in self._fields.items():
            kept = stored[name]
            if isinstance(field, FileField) or field.name == "csrf_token":
                continue
            if isinstance(field.widget, HiddenInput):
                field.raw_data, field.data = None, kept.data
            elif _shown(field) != _shown(kept):
                found.append((field, _shown(kept)))
        self.theirs = found
        self.refusal = gettext(
            "Someone else has saved this meanwhile. What you typed is still here, and where it "
            "differs you see what they saved. Save again to keep yours."
        )

    def show(self, error: DomainError) -> None:
        """Put a refusal where the person will look for it."""
        text = gettext(error.message).format(**error.facts)
        self.refused_by = error
        if isinstance(error, TooMany):
            g.retry_after = error.seconds
        self.status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        field = self._fields.get(error.field)
        if field is None:
            self.refusal = text
        else:
            field.errors = [*field.errors, text]
