"""Sign-ins: who holds the token is known, until it is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from kernel import clock
from kernel.db import db
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.sessions.errors import SessionNotFound
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.sessions.services import (
    close_one_session,
    close_session,
    close_sessions,
    open_session,
    open_shopper_session,
    renew_shopper_session,
    resume_session,
    resume_shopper_session,
)
from tests.factories.tenants import make_person, sign_in_token

NOON = "2026-11-21 12:00:00+00:00"
MERCHANT = Realm.MERCHANT


def known(token: str, realm: Realm = MERCHANT) -> bool:
    return resume_session(realm=realm, token=token) is not None


def test_a_token_is_known_in_its_own_realm_only(app: Flask) -> None:
    token = sign_in_token(make_person())

    assert known(token)
    assert not known(token, Realm.STAFF)
    assert len(token) >= 43


@pytest.mark.parametrize("token", ["", "a", "a" * 43, "é" * 43, "a" * 500, "' OR 1=1 --"])
def test_no_other_text_is_a_token(app: Flask, token: str) -> None:
    sign_in_token(make_person())

    assert not known(token)


def test_the_database_holds_no_token(app: Flask, admin: psycopg.Connection) -> None:
    token = sign_in_token(make_person())

    row = admin.execute("SELECT row_to_json(s)::text FROM user_sessions s").fetchone()
    assert row is not None
    assert token not in row[0]


@pytest.mark.parametrize(
    ("later", "still"),
    [
        ("2026-11-28 11:59:00+00:00", True),
        ("2026-11-28 12:00:00+00:00", False),
    ],
)
def test_an_unused_sign_in_ends_after_a_week(app: Flask, later: str, still: bool) -> None:
    with time_machine.travel(NOON, tick=False):
        token = sign_in_token(make_person())
    with time_machine.travel(later, tick=False):
        assert known(token) is still


def test_a_used_one_ends_after_a_month_all_the_same(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        token = sign_in_token(make_person())
    for day in ("2026-11-27", "2026-12-03", "2026-12-09", "2026-12-15", "2026-12-20"):
        with time_machine.travel(f"{day} 12:00:00+00:00", tick=False):
            assert known(token)
    with time_machine.travel("2026-12-21 12:00:00+00:00", tick=False):
        assert not known(token)


def test_signing_in_again_ends_the_sign_in_before(app: Flask) -> None:
    person = make_person()
    old = sign_in_token(person)
    new = open_session(realm=MERCHANT, subject_id=person.id, device="", address="", replaces=old)

    assert not known(old)
    assert known(new)


def test_one_ends_alone_or_all_but_one(app: Flask) -> None:
    person, other = make_person("Ana"), make_person("Ben")
    phone, desk, theirs = sign_in_token(person), sign_in_token(person), sign_in_token(other)
    close_session(realm=MERCHANT, token=phone)
    assert (known(phone), known(desk), known(theirs)) == (False, True, True)

    phone = sign_in_token(person)
    kept = resume_session(realm=MERCHANT, token=desk)
    assert kept is not None
    close_sessions(realm=MERCHANT, subject_id=person.id, keep=kept.id)
    assert (known(phone), known(desk), known(theirs)) == (False, True, True)
    assert [s.id for s in list_sessions(realm=MERCHANT, subject_id=person.id)] == [kept.id]


def test_nobody_ends_someone_elses(app: Flask) -> None:
    ana, ben = make_person("Ana"), make_person("Ben")
    token = sign_in_token(ana)
    found = resume_session(realm=MERCHANT, token=token)
    assert found is not None

    with pytest.raises(SessionNotFound):
        close_one_session(realm=MERCHANT, subject_id=ben.id, session_id=found.id)
    assert known(token)

    close_one_session(realm=MERCHANT, subject_id=ana.id, session_id=found.id)
    assert not known(token)


def test_a_shopper_is_known_in_one_shop(greenfield: Tenant, hillside: Tenant) -> None:
    with acting_for(greenfield.id):
        opened, token = open_shopper_session()
        found = resume_shopper_session(token)
        assert found is not None
        assert found.id == opened.id
        assert resume_shopper_session("a" * 43) is None
    with acting_for(hillside.id):
        assert resume_shopper_session(token) is None


@contextmanager
def gone_before_its_use_is_noted(admin: psycopg.Connection, table: LiteralString) -> Iterator[None]:
    """Inside, two hours later, someone else ends every session just before it is updated."""

    def end(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE"):
            admin.execute(f"DELETE FROM {table}")

    event.listen(db.engine, "before_cursor_execute", end)
    try:
        with time_machine.travel(clock.now() + timedelta(hours=2)):
            yield
    finally:
        event.remove(db.engine, "before_cursor_execute", end)


def test_a_sign_in_ended_elsewhere_in_the_same_moment_is_over(
    app: Flask, admin: psycopg.Connection
) -> None:
    token = sign_in_token(make_person())

    with gone_before_its_use_is_noted(admin, "user_sessions"):
        assert not known(token)


def test_a_visitor_forgotten_in_the_same_moment_is_a_stranger(
    app: Flask, admin: psycopg.Connection, greenfield: Tenant
) -> None:
    with acting_for(greenfield.id):
        opened, token = open_shopper_session()
        with gone_before_its_use_is_noted(admin, "shopper_sessions"):
            assert resume_shopper_session(token) is None
        assert resume_shopper_session(renew_shopper_session(session_id=opened.id)) is None
