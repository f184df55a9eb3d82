"""Staff prove who they are with a password and a code that works once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from flask import Flask

from kernel.errors import TooMany
from tenants.people.errors import PasswordTooCommon
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.sessions.services import resume_session
from tenants.staff.errors import StaffExists, WrongSignIn
from tenants.staff.queries import count_recovery_codes, find_staff_by_email
from tenants.staff.services import NewStaff, create_staff, dismiss_staff, sign_in
from tests.factories.staff import PASSWORD, code_of, make_staff

NOON = datetime(2026, 11, 21, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def dora(app: Flask) -> NewStaff:
    return make_staff("Dora")


def enter(code: str, *, email: str = "dora@sheaf.test", password: str = PASSWORD) -> str:
    return sign_in(email=email, password=password, code=code, device="test", address="192.0.2.1")


def test_password_and_code_open_a_session(dora: NewStaff) -> None:
    with time_machine.travel(NOON, tick=False):
        token = enter(code_of(dora, at=NOON.timestamp()))
        found = resume_session(realm=Realm.STAFF, token=token)
        assert found is not None
        assert found.subject_id == dora.id
        assert resume_session(realm=Realm.MERCHANT, token=token) is None


def test_a_code_is_refused_the_second_time(dora: NewStaff) -> None:
    code = code_of(dora, at=NOON.timestamp())
    with time_machine.travel(NOON, tick=False):
        enter(code)
        with pytest.raises(WrongSignIn):
            enter(code)
        assert len(list_sessions(realm=Realm.STAFF, subject_id=dora.id)) == 1


def test_an_older_code_is_refused_after_a_newer_one(dora: NewStaff) -> None:
    earlier = code_of(dora, at=(NOON - STEP).timestamp())
    with time_machine.travel(NOON, tick=False):
        enter(code_of(dora, at=NOON.timestamp()))
        with pytest.raises(WrongSignIn):
            enter(earlier)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_half_a_minute_off_is_forgiven(dora: NewStaff, steps: int) -> None:
    with time_machine.travel(NOON, tick=False):
        assert enter(code_of(dora, at=(NOON + steps * STEP).timestamp()))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_is_refused(dora: NewStaff, steps: int) -> None:
    with time_machine.travel(NOON, tick=False), pytest.raises(WrongSignIn):
        enter(code_of(dora, at=(NOON + steps * STEP).timestamp()))


def test_a_recovery_code_works_once_however_it_is_typed(dora: NewStaff) -> None:
    code = dora.recovery_codes[3]
    assert enter(f" {code.upper().replace('-', ' ')} ")
    assert count_recovery_codes(dora.id) == 9
    with pytest.raises(WrongSignIn):
        enter(code)
    assert count_recovery_codes(dora.id) == 9


def test_another_members_recovery_code_is_refused(dora: NewStaff) -> None:
    eve = make_staff("Eve")
    with pytest.raises(WrongSignIn):
        enter(eve.recovery_codes[0])
    assert count_recovery_codes(eve.id) == 10


@pytest.mark.parametrize("code", ["", "000000 ", "12345", "１２３４５６", "a" * 12, "\x00"])
def test_other_texts_are_refused(dora: NewStaff, code: str) -> None:
    with time_machine.travel(NOON, tick=False), pytest.raises(WrongSignIn):
        enter(code)


def test_wrong_password_and_unknown_address_are_refused_alike(dora: NewStaff) -> None:
    code = dora.recovery_codes[0]
    with pytest.raises(WrongSignIn) as wrong:
        enter(code, password="barley-before-supper")
    with pytest.raises(WrongSignIn) as unknown:
        enter(code, email="nobody@sheaf.test")
    assert (wrong.value.message, wrong.value.facts) == (unknown.value.message, unknown.value.facts)
    assert count_recovery_codes(dora.id) == 10


def test_guessing_is_stopped_and_the_right_code_with_it(dora: NewStaff) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(5):
            with pytest.raises(WrongSignIn):
                enter("wrong")
        with pytest.raises(TooMany):
            enter(code_of(dora, at=NOON.timestamp()))


def test_who_has_left_cannot_sign_in_and_is_signed_out(dora: NewStaff) -> None:
    token = enter(dora.recovery_codes[0])
    dismiss_staff(email="dora@sheaf.test")
    assert resume_session(realm=Realm.STAFF, token=token) is None
    with pytest.raises(WrongSignIn):
        enter(dora.recovery_codes[1])


def test_who_comes_back_has_new_codes_only(dora: NewStaff) -> None:
    with pytest.raises(StaffExists):
        make_staff("Dora")
    dismiss_staff(email="dora@sheaf.test")
    again = make_staff("Dora")
    assert again.id == dora.id
    assert count_recovery_codes(dora.id) == 10
    with pytest.raises(WrongSignIn):
        enter(dora.recovery_codes[1])
    assert enter(again.recovery_codes[1])


def test_nothing_that_proves_who_someone_is_can_be_read(
    dora: NewStaff, admin: psycopg.Connection
) -> None:
    rows = admin.execute(
        "SELECT password_hash, totp_secret, (SELECT string_agg(code_hash, ' ') FROM "
        "staff_recovery_codes) FROM staff_members"
    ).fetchall()
    text = str(rows)
    secret = dora.uri.partition("secret=")[2].partition("&")[0]
    assert secret
    for plain in (PASSWORD, secret, *dora.recovery_codes):
        assert plain not in text
        assert plain.replace("-", "") not in text


def test_a_weak_password_is_refused(app: Flask) -> None:
    with pytest.raises(PasswordTooCommon):
        create_staff(email="eve@sheaf.test", name="Eve", password="password12")
    assert find_staff_by_email("eve@sheaf.test") is None


@pytest.mark.race
def test_a_code_sent_twice_at_once_opens_one_session(app: Flask, dora: NewStaff) -> None:
    code = code_of(dora, at=time.time())

    def attempt(_number: int) -> bool:
        with app.app_context():
            try:
                enter(code)
            except WrongSignIn:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]
    assert len(list_sessions(realm=Realm.STAFF, subject_id=dora.id)) == 1
