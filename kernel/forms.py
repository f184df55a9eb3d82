"""The form base: CSRF, limits on every text, and refusals shown at the field they belong to."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, FileField, Form, SelectField, StringField
from wtforms.validators import Length, StopValidation

from kernel.errors import Conflict, DomainError, Refused, TooMany

Params = ParamSpec("Params")
Result = TypeVar("Result")
MAX_TEXT = 10_000
STATUS = {TooMany: 429, Conflict: 409, Refused: 422}


def no_control_characters(_form: object, field: Field) -> None:
    """Refuse what PostgreSQL cannot store and no person types (NUL and its kin)."""
    text = field.data
    if isinstance(text, str) and any(
        ord(char) < ord(" ") and char not in "\t\n\r" for char in text
    ):
        raise StopValidation(gettext("Remove the invisible control characters."))


class SheafForm(FlaskForm):  # type: ignore[misc]  # flask_wtf carries no types
    """A form whose typed values survive every refusal. `status` is what to answer with."""

    status = 422
    refusal = ""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # flask_wtf carries no types
        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """A file counts only where one is asked for, never as the text of a field."""
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            asked = {field.name for field in form if isinstance(field, FileField)}
            files = [one for one in request.files.items(multi=True) if one[0] in asked]
            return CombinedMultiDict((MultiDict(files), request.form))

    def validate(self, extra_validators: dict[str, list[object]] | None = None) -> bool:
        extra = dict(extra_validators or {})
        for name, field in self._fields.items():
            if isinstance(field, StringField) and not isinstance(field, SelectField):
                extra[name] = [*extra.get(name, []), no_control_characters]
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

    def show(self, error: DomainError) -> None:
        """Put a refusal where the person will look for it."""
        text = gettext(error.message).format(**error.facts)
        self.status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
        field = self._fields.get(error.field)
        if field is None:
            self.refusal = text
        else:
            field.errors = [*field.errors, text]
