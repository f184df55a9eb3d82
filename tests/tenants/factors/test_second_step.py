"""After the password a code: E1 and E4 of what an attacker did to the first build."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from kernel import clock
from kernel.db import db
from tenants.accounts.models import Tenant
from tenants.factors import rules
from tenants.people.models import PasswordReset, Person
from tenants.people.rules import Role
from tenants.people.services.passwords import ask_for_reset, prepare_reset
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tests.browsers import Browser, browse
from tests.conftest import Outbox
from tests.factories.factors import Phone, give_factor
from tests.factories.tenants import PASSWORD, make_member
from tests.jobs import run_due_jobs

LATER = timedelta(minutes=5)


@pytest.fixture
def ana(greenfield: Tenant) -> Person:
    return make_member(greenfield, "Ana", role=Role.OWNER)


@pytest.fixture
def phone(ana: Person) -> Phone:
    return give_factor(ana)


@pytest.fixture
def door(app: Flask) -> Browser:
    return browse(app, "app.sheaf.test")


def knock(door: Browser, to: str = "/greenfield/") -> str:
    form = {"email": "ana@example.org", "password": PASSWORD, "next": to}
    answer = door.post("/sign-in", data=form)
    return answer.location or str(answer.status_code)


def give(door: Browser, code: str) -> tuple[int, str]:
    answer = door.post("/sign-in/code", data={"code": code})
    return answer.status_code, answer.location or answer.text


def signed_in(person: Person) -> int:
    return len(list_sessions(realm=Realm.MERCHANT, subject_id=person.id))


def test_the_password_alone_opens_nothing_and_the_code_leads_on(
    door: Browser, ana: Person, phone: Phone
) -> None:
    with time_machine.travel(clock.now() + LATER):
        assert knock(door) == "/sign-in/code"
        assert door.get("/greenfield/").status_code == 303
        assert door.get("/sign-in/code").status_code == 200
        assert signed_in(ana) == 0

        assert give(door, phone.code()) == (303, "/greenfield/")
        assert door.get("/greenfield/").status_code == 200
        assert signed_in(ana) == 1


def test_a_code_opens_nothing_without_the_password(door: Browser, phone: Phone) -> None:
    assert door.get("/sign-in/code").location == "/sign-in"
    assert give(door, phone.code()) == (303, "/sign-in")
    assert door.get("/greenfield/").status_code == 303


def test_a_code_works_once(app: Flask, ana: Person, phone: Phone) -> None:
    with time_machine.travel(clock.now() + LATER):
        first, second = browse(app, "app.sheaf.test"), browse(app, "app.sheaf.test")
        knock(first), knock(second)
        assert give(first, phone.code())[0] == 303
        assert give(second, phone.code())[0] == 422
        assert signed_in(ana) == 1


def test_the_window_is_half_a_minute_either_way(door: Browser, phone: Phone) -> None:
    with time_machine.travel(clock.now() + LATER, tick=False):
        for steps, expected in ((-2, 422), (2, 422), (1, 303)):
            knock(door)
            at = clock.now() + timedelta(seconds=30 * steps)
            assert give(door, phone.code(at))[0] == expected


def test_a_recovery_code_opens_once_and_the_person_hears_of_it(
    app: Flask, door: Browser, phone: Phone, outbox: Outbox
) -> None:
    knock(door)
    assert give(door, phone.papers[0].upper())[0] == 303
    run_due_jobs(app)
    assert "recovery code was used" in outbox[-1].body
    assert outbox[-1].to == ["ana@example.org"]
    assert not any(paper in mail.body for paper in phone.papers for mail in outbox)

    again = browse(app, "app.sheaf.test")
    knock(again)
    assert give(again, phone.papers[0])[0] == 422


def test_after_five_wrong_codes_the_password_is_asked_for_again(
    app: Flask, door: Browser, ana: Person, phone: Phone, outbox: Outbox
) -> None:
    knock(door)
    for _ in range(4):
        assert give(door, phone.wrong_code())[0] == 422
    assert give(door, phone.wrong_code()) == (303, "/sign-in")
    assert give(door, phone.code()) == (303, "/sign-in")
    assert door.get("/sign-in/code").location == "/sign-in"
    assert signed_in(ana) == 0
    run_due_jobs(app)
    told = [mail for mail in outbox if "five wrong codes" in mail.body]
    assert [mail.to for mail in told] == [["ana@example.org"]]


def test_after_ten_wrong_codes_a_day_no_code_of_the_app_fits_but_paper_does(
    app: Flask, ana: Person, phone: Phone
) -> None:
    for _ in range(2):
        door = browse(app, "app.sheaf.test")
        knock(door)
        for _ in range(5):
            give(door, phone.wrong_code())
    with time_machine.travel(clock.now() + LATER):
        door = browse(app, "app.sheaf.test")
        knock(door)
        status, page = give(door, phone.code())
        assert (status, "Too many wrong codes" in page) == (422, True)
        assert signed_in(ana) == 0
        assert give(door, phone.papers[0])[0] == 303


def test_a_stranger_without_the_password_cannot_use_the_tries_up(
    app: Flask, ana: Person, phone: Phone, admin: psycopg.Connection
) -> None:
    stranger = browse(app, "app.sheaf.test")
    for _ in range(9):
        stranger.post("/sign-in", data={"email": ana.email, "password": "five carrots in a row"})
        give(stranger, phone.wrong_code())
    assert admin.execute("SELECT wrong_codes FROM person_factors").fetchall() == [(0,)]
    with time_machine.travel(clock.now() + LATER):
        door = browse(app, "app.sheaf.test")
        assert knock(door) == "/sign-in/code"
        assert give(door, phone.code())[0] == 303


def test_a_new_password_gives_all_tries_back(
    ana: Person, phone: Phone, admin: psycopg.Connection, door: Browser
) -> None:
    admin.execute("UPDATE person_factors SET wrong_codes = 50, wrong_codes_that_day = 10")
    admin.execute("UPDATE person_factors SET wrong_codes_from = now(), wrong_codes_on = now()")
    with time_machine.travel(clock.now() + LATER):
        knock(door)
        assert give(door, phone.code())[0] == 422
    with time_machine.travel(clock.now() + 2 * LATER):
        admin.execute("UPDATE people SET password_changed_at = %s", [clock.now()])
        knock(door)
        assert give(door, phone.code())[0] == 303


def test_guessing_has_a_negligible_chance_as_long_as_the_password_lives() -> None:
    """E4: three steps of a million codes are good at a time."""
    good = 2 * rules.STEPS_EITHER_WAY + 1
    a_day = rules.WRONG_ON_ONE_DAY * good / 10**rules.TOTP_DIGITS
    for_ever = rules.WRONG_FOR_ONE_PASSWORD * good / 10**rules.TOTP_DIGITS
    assert a_day <= 0.00003
    assert for_ever <= 0.00015
    assert rules.ALARM_AT < rules.WRONG_ON_ONE_DAY, "the person hears before the day is over"


def test_the_time_between_password_and_code_is_ten_minutes(door: Browser, phone: Phone) -> None:
    knock(door)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert give(door, phone.code()) == (303, "/sign-in")


def test_no_way_in_leaves_the_code_out(app: Flask, ana: Person, phone: Phone) -> None:
    """A link from a mail sets a new password; it does not replace the phone."""
    ask_for_reset(email=ana.email, language="en", address="192.0.2.9")
    reset_id = db.session.scalars(select(PasswordReset.id)).one()
    token = prepare_reset(reset_id)[1]
    thief = browse(app, "app.sheaf.test")
    answer = thief.post(f"/reset/{token}", data={"password": "seven leeks in the rain"})
    assert answer.location == "/sign-in/code"
    assert thief.get("/greenfield/").status_code == 303
    assert signed_in(ana) == 0


@pytest.mark.race
def test_one_code_at_once_in_two_browsers_opens_one_session(
    app: Flask, ana: Person, phone: Phone
) -> None:
    with time_machine.travel(clock.now() + LATER):
        doors = [browse(app, "app.sheaf.test") for _ in range(4)]
        for door in doors:
            knock(door)
        code = phone.code()
        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda door: give(door, code)[0], doors))
        assert sorted(statuses) == [303, 422, 422, 422]
        assert signed_in(ana) == 1


def test_nothing_of_a_factor_can_be_read_in_the_database(
    phone: Phone, admin: psycopg.Connection
) -> None:
    rows = str(admin.execute("SELECT * FROM person_factors, person_recovery_codes").fetchall())
    for plain in (phone.secret, *phone.papers):
        assert plain not in rows
        assert plain.replace("-", "") not in rows
