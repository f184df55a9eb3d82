import re

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from kernel.forms import SheafForm
from tests.kernel.ui.conftest import Render


class PointForm(SheafForm):
    name = StringField("Name", [InputRequired("Enter a name")])
    phone = StringField("Phone", [Optional()])
    day = SelectField("Day", choices=[SelectChoice("fri", "Friday")])
    open_now = BooleanField("Open now")
    place = RadioField(
        "Place", choices=[SelectChoice("hall", "Hall"), SelectChoice("gate", "Gate")]
    )


@pytest.fixture
def sent(pages: Flask) -> PointForm:
    """A form that came back with two mistakes."""
    with pages.test_request_context("/list"):
        form = PointForm(formdata=MultiDict({"phone": "12 <b>"}))
        assert not form.validate()
    return form


FIELD = '{{ field(form.name, hint="As on the door", attrs={"autocomplete": "name"}) }}'


def test_an_error_stands_at_its_field_and_is_read_out_with_it(
    render: Render, sent: PointForm
) -> None:
    shown = render(FIELD, "form:field", form=sent)

    assert '<label for="name">Name</label>' in shown
    assert 'id="name-hint">As on the door</span>' in shown
    assert re.search(r'id="name-error">.*Enter a name', shown, re.DOTALL)
    assert 'aria-describedby="name-hint name-error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'autocomplete="name"' in shown


def test_a_field_without_trouble_says_so_to_nobody(render: Render, pages: Flask) -> None:
    with pages.test_request_context("/list"):
        form = PointForm(formdata=None)
    shown = render("{{ field(form.phone) }}{{ field(form.day) }}", "form:field", form=form)

    assert "aria-" not in shown
    assert shown.count("(optional)") == 1
    assert 'class="form-select' in shown


def test_what_was_typed_comes_back_harmless(render: Render, sent: PointForm) -> None:
    shown = render("{{ field(form.phone) }}", "form:field", form=sent)
    assert 'value="12 &lt;b&gt;"' in shown


def test_the_summary_leads_to_each_field(render: Render, sent: PointForm) -> None:
    shown = render("{{ error_summary(form) }}", "form:error_summary", form=sent)

    assert 'role="alert" tabindex="-1" data-focus' in shown
    assert '<a href="#name">Enter a name</a>' in shown
    assert '<a href="#place-0">' in shown
    assert "#phone" not in shown


def test_a_missing_token_is_told_without_a_link_to_nowhere(render: Render, sent: PointForm) -> None:
    assert "csrf_token" in sent.errors
    shown = render("{{ error_summary(form) }}", "form:error_summary", form=sent)
    assert "#csrf_token" not in shown


def test_a_refusal_that_belongs_to_no_field_comes_first(render: Render, pages: Flask) -> None:
    with pages.test_request_context("/list"):
        form = PointForm(formdata=None)
    form.refusal = "This point has orders."
    shown = render("{{ error_summary(form) }}", "form:error_summary", form=form)

    assert "<li>This point has orders.</li>" in shown


def test_a_form_without_trouble_has_no_summary(render: Render, pages: Flask) -> None:
    with pages.test_request_context("/list"):
        form = PointForm(formdata=None)
    assert render("{{ error_summary(form) }}", "form:error_summary", form=form).strip() == ""


def test_choices_are_a_group_with_a_name_that_the_summary_can_reach(
    render: Render, sent: PointForm
) -> None:
    shown = render(
        '{{ choices(form.place, notes={"hall": "15:00"}, disabled=["gate"]) }}',
        "form:choices",
        form=sent,
    )

    assert re.search(r'<fieldset class="field has-error" id="place" [^>]*place-error', shown)
    assert "<legend>Place</legend>" in shown
    assert '<span class="hint">15:00</span>' in shown
    assert shown.count("disabled") == 1


def test_what_cannot_be_taken_back_is_closed_at_first_and_protected(render: Render) -> None:
    shown = render(
        '{{ confirm_form("/cancel", "Cancel order", "They get a mail.", "Cancel it") }}',
        "form:confirm_form",
    )

    assert "<details" in shown
    assert " open" not in shown
    assert 'name="csrf_token"' in shown
    assert "btn-primary" not in shown


class Letters(SheafForm):
    name = StringField("Name", [InputRequired("Enter a name")])
    note = TextAreaField("Note")
    password = PasswordField("Password")


def test_a_name_of_nothing_is_no_name(pages: Flask) -> None:
    with pages.test_request_context("/list"):
        form = Letters(formdata=MultiDict({"name": "\u200b\u3164 \u202e"}))
        assert not form.validate()
    assert form.name.errors == ["Enter a name"]


def test_texts_are_tidied_before_anything_looks_and_passwords_never(pages: Flask) -> None:
    typed = {"name": " Milk \u202egnirps ", "note": "a\u200b\r\n\r\nb", "password": " \u200bx "}
    with pages.test_request_context("/list"):
        form = Letters(formdata=MultiDict(typed))
    assert form.name.data == "Milk gnirps"
    assert form.note.data == "a\n\nb"
    assert form.password.data == " \u200bx "
