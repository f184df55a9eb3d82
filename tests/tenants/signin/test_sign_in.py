"""Getting in and out with a password."""

import re
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from kernel import clock
from kernel.db import db, transaction
from tenants.accounts.models import Tenant
from tenants.people.queries import get_person
from tenants.people.rules import Role
from tenants.people.services.passwords import known_device
from tenants.sessions.models import ThrottleCount
from tenants.signin.destinations import safe_path
from tests.browsers import main_of
from tests.conftest import Browser, browse
from tests.factories.tenants import PASSWORD, make_member, make_person


@pytest.fixture
def door(app: Flask) -> Browser:
    return browse(app, "app.sheaf.test")


def knock(door: Browser, email: str = "ana@example.org", **changed: str) -> tuple[int, str]:
    answer = door.post("/sign-in", data={"email": email, "password": PASSWORD} | changed)
    return answer.status_code, answer.location or answer.text


def test_with_the_password_one_goes_to_the_shop(door: Browser, greenfield: Tenant) -> None:
    make_member(greenfield, "Ana", role=Role.OWNER)

    assert knock(door, " Ana@Example.org ") == (303, "/")
    assert door.get("/").location == "/greenfield/"
    assert door.get("/sign-in").location == "/"
    assert door.get("/greenfield/").status_code == 200

    assert door.post("/sign-out").status_code == 303
    assert door.get("/greenfield/").status_code == 303


def test_one_goes_where_one_was_going(door: Browser, greenfield: Tenant) -> None:
    make_member(greenfield, "Ana")
    asked = door.get("/greenfield/?tab=a").location
    assert 'value="/greenfield/?tab=a"' in door.get(asked).text

    assert knock(door, next="/greenfield/?tab=a") == (303, "/greenfield/?tab=a")


def test_every_way_of_failing_sounds_the_same(door: Browser) -> None:
    make_person("Ana")
    wrong = knock(door, password="five carrots in a row")
    nobody = knock(door, "zoe@example.org")

    assert wrong[0] == nobody[0] == 422
    assert "E-mail or password is wrong." in wrong[1]
    assert main_of(wrong[1].replace("ana@", "zoe@")) == main_of(nobody[1])
    assert PASSWORD not in nobody[1]


def test_guessing_stops_at_ten(door: Browser) -> None:
    make_person("Ana")
    for _ in range(10):
        assert knock(door, password="wrong")[0] == 422

    status, page = knock(door)
    assert status == 429
    assert "Too many tries" in page
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert knock(door)[0] == 303


def test_a_right_password_forgives_the_tries_before(door: Browser) -> None:
    make_person("Ana")
    for _ in range(3):
        for _ in range(9):
            knock(door, password="wrong")
        assert knock(door)[0] == 303
        door.post("/sign-out")


def test_strangers_elsewhere_do_not_keep_out_the_right_password(app: Flask, door: Browser) -> None:
    make_person("Ana")
    for number in range(6):
        stranger = browse(app, "app.sheaf.test", address=f"192.0.2.{number}")
        for _ in range(9):
            status, page = knock(stranger, password="wrong")
    assert status == 429
    assert "The right one still signs you in" in page

    assert knock(door)[0] == 303


def test_a_place_over_its_limit_spends_nothing_of_anybody(app: Flask, door: Browser) -> None:
    make_person("Ana")
    stranger = browse(app, "app.sheaf.test", address="192.0.2.1")
    for number in range(61):
        knock(stranger, f"person{number}@example.org", password="wrong")
    before = count_of_counts()
    for number in range(5):
        assert knock(stranger, f"more{number}@example.org", password="wrong")[0] == 429
    assert count_of_counts() == before


def count_of_counts() -> int:
    return db.session.scalar(select(func.count()).select_from(ThrottleCount)) or 0


def test_a_known_device_gets_through_a_place_that_strangers_filled(
    app: Flask, door: Browser
) -> None:
    make_person("Ana")
    knock(door)
    door.post("/sign-out")
    stranger = browse(app, "app.sheaf.test")
    for number in range(61):
        status, _page = knock(stranger, f"person{number}@example.org", password="wrong")
    assert status == 429

    assert knock(door, password="wrong")[0] == 422
    assert knock(door)[0] == 303


def test_a_device_is_known_for_one_person_only(app: Flask, door: Browser) -> None:
    make_person("Ana")
    make_person("Ben")
    knock(door)
    token = door.get_cookie("did", domain="app.sheaf.test")
    assert token is not None
    assert known_device(token.value, email="ana@example.org")
    assert known_device(token.value, email="ben@example.org") == ""
    assert known_device("x", email="ana@example.org") == ""


def test_one_place_cannot_try_many_accounts(door: Browser) -> None:
    for number in range(60):
        knock(door, f"person{number}@example.org", password="wrong")

    assert knock(door, "person60@example.org")[0] == 429


def test_the_session_before_is_over(app: Flask, door: Browser) -> None:
    make_person("Ana")
    knock(door)
    old = door.get_cookie("mid", domain="app.sheaf.test")
    knock(door)

    assert old is not None
    thief = browse(app, "app.sheaf.test")
    thief.set_cookie("mid", old.value, domain="app.sheaf.test")
    assert thief.get("/account").status_code == 303
    assert door.get("/account").status_code == 200


def test_a_weak_hash_is_made_anew(app: Flask, door: Browser) -> None:
    person = make_person("Ana")
    weak = "$argon2id$v=19$m=8,t=1,p=1$" + person.password_hash.split("$", 4)[4]
    assert person.password_hash == weak
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with transaction():
        person.password_hash = old

    assert knock(door)[0] == 303
    with transaction() as session:
        session.expire_all()
    assert get_person(person.id).password_hash != old


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "@evil",
        "https://evil.example", "http:evil.example", "javascript:alert(1)", "/\t/evil.example",
        "/\n/evil.example", "/%0a/../x\r\n", "evil.example", "", " /x", "/x y", "/é", "/x\\y",
        "/" + "a" * 3000, "data:text/html,x", ".//x",
    ],
)  # fmt: skip
def test_next_leads_nowhere_else(text: str) -> None:
    assert safe_path(text, otherwise="home") == "home"


@pytest.mark.parametrize(
    "text", ["/", "/greenfield/", "/greenfield/orders?tab=ready&q=%E8%8B%B9#x"]
)
def test_next_leads_to_pages_of_this_host(text: str) -> None:
    assert safe_path(text, otherwise="home") == text


@given(st.text(max_size=60))
@example("/\x00")
def test_any_next_is_a_path_or_ignored(text: str) -> None:
    found = safe_path(text, otherwise="/")
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isprintable()


def test_a_browser_is_sent_to_this_host_only(door: Browser) -> None:
    make_person("Ana")
    assert knock(door, next="//evil.example/") == (303, "/")
    assert door.get("/sign-in?next=https://evil.example").location == "/"


def test_a_form_without_its_token_does_nothing(
    app: Flask, door: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person("Ana")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert knock(door)[0] == 400

    found = re.search(r'name="csrf_token" value="([^"]+)"', door.get("/sign-in").text)
    assert found is not None
    assert knock(browse(app, "app.sheaf.test"), csrf_token=found.group(1))[0] == 400
    assert knock(door, csrf_token=found.group(1))[0] == 303


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Origin", "http://greenfield.shops.test"),
        ("Origin", "http://sheaf.test"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "cross-site"),
    ],
)
def test_a_form_of_another_host_is_refused(door: Browser, name: str, value: str) -> None:
    make_person("Ana")
    answer = door.post(
        "/sign-in", data={"email": "ana@example.org", "password": PASSWORD}, headers={name: value}
    )

    assert answer.status_code == 403
    assert door.get("/account").status_code == 303
