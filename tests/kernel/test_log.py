"""What goes wrong is written down without the rows it went wrong with."""

import json
import logging
import traceback
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from kernel import log as logs
from tests.factories.tenants import make_person


@pytest.fixture
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("way", ["ours", "Flask's", "rq's"])
def test_an_exception_is_logged_without_what_postgresql_quotes(
    app: Flask, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    known = make_person("Ana")
    logs.configure("json")
    try:
        make_person("Ana")
    except IntegrityError:
        if way == "ours":
            logs.log.exception("it_broke")
        elif way == "Flask's":
            logging.getLogger("flask.app").exception("it broke")
        else:
            logging.getLogger("rq.worker").warning("it broke\n%s", traceback.format_exc())

    line = capsys.readouterr().err.splitlines()[-1]
    facts = json.loads(line)
    told = facts.get("exception", facts["event"])
    assert known.email not in line
    assert "DETAIL" not in told
    assert "uq_people_email" in told, "what broke is still said"
    assert "[SQL: INSERT INTO" in told
    assert "The above exception was the direct cause" in told
    assert told.count("Traceback") == 2


def test_a_quoted_row_of_many_lines_is_dropped_whole() -> None:
    told = (
        "psycopg.errors.NotNullViolation: null value in column\n"
        "DETAIL:  Failing row contains (1, Mia\n\nBrandt, mia@example.org).\n"
        "CONTEXT:  SQL statement about mia@example.org\n"
        "[SQL: INSERT INTO people]\n(Background on this error)\n"
    )

    kept = logs.QUOTED.sub("", told)
    assert kept == (
        "psycopg.errors.NotNullViolation: null value in column\n"
        "[SQL: INSERT INTO people]\n(Background on this error)\n"
    )
    assert logs.QUOTED.sub("", "boom\nDETAIL:  Key (email)=(mia@example.org)") == "boom\n"
