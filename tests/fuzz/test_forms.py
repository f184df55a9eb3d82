"""Any text in any field of any form of any page: refused in words, or done."""

from itertools import cycle, islice, product
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from tests.fuzz.inputs import a_file, effort, faults, texts
from tests.world import tables
from tests.world.cast import AT_HOME, come
from tests.world.pages import Form
from tests.world.routes import Call, Place, calls
from tests.world.story import World

HARD = {"app": 300, "shop": 120, "site": 40, "ops": 60}
KINDS = [
    "", "application/json", "text/plain", "application/x-www-form-urlencoded; charset=utf-7",
    "multipart/form-data", "multipart/form-data; boundary=x",
]  # fmt: skip
BODIES = [
    b"", b"\xff\xfe", b'{"a": [', b"[1]", b'{"email": 1, "name": [2]}', b"email=1&" * 600,
    b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n\xff\r\n--x--",
    b"email=%00&email=%ff",
]  # fmt: skip


def sent(data: some.DataObject, form: Form | None) -> MultiDict[str, Any]:
    """The form with some fields left out, doubled, filled with anything, or holding a file."""
    fields: MultiDict[str, Any] = MultiDict()
    names = sorted({*form.values, *form.choices, *form.files} - {"csrf_token"}) if form else []
    right = form.filled() if form else {}
    for name in names:
        how = data.draw(some.sampled_from("aaaabbbcde"), label=f"how {name}")
        if how == "a" and name in right:
            fields.add(name, right[name])
        elif how == "d":
            fields.setlist(name, [data.draw(texts), data.draw(texts)])
        elif how == "e":
            fields.add(name, a_file(data.draw(some.binary(max_size=64))))
        elif how != "c":
            fields.add(name, data.draw(texts, label=name))
    fields.add(data.draw(texts, label="a field of nobody's"), data.draw(texts))
    return fields


def changes(app: Flask, surface: str) -> list[Call]:
    return [call for call in calls(app, surface) if not call.reads]


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_text_in_a_form_breaks_it(
    surface: str, world: World, app: Flask, admin: psycopg.Connection
) -> None:
    own = Place(world, world.greenfield, world.greenfield)

    @effort(HARD[surface])
    @given(some.data())
    def check(data: some.DataObject) -> None:
        call = data.draw(some.sampled_from(changes(app, surface)), label="call")
        fields = sent(data, world.forms.get(call.rule.endpoint))
        who = data.draw(some.sampled_from([*AT_HOME[surface][:1], "nobody"]), label="who")
        headers = {"HX-Request": "true"} if data.draw(some.booleans()) else {}
        answer = come(app, world, who, surface).post(
            call.address(app, own), data=fields, headers=headers
        )
        tables.put_back(admin)
        assert faults(answer, surface) == []

    check()


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_body_that_is_no_form_breaks_it(surface: str, world: World, app: Flask) -> None:
    """Each change with a few of them."""
    own = Place(world, world.greenfield, world.greenfield)
    few = cycle(product(KINDS, BODIES))
    for call in changes(app, surface):
        for kind, body in islice(few, 7):
            answer = come(app, world, AT_HOME[surface][0], surface).post(
                call.address(app, own), data=body, content_type=kind
            )
            assert faults(answer, surface) == [], (str(call), kind, body[:40])
