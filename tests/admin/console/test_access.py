"""Only Sheaf's staff open the console, and only on its own host."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from kernel.headers import cookie_name
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.staff.services import NewStaff, dismiss_staff
from tests.admin.console.conftest import HOST
from tests.browsers import Browser, browse
from tests.factories.console import Lived
from tests.factories.staff import PASSWORD, code_of, make_staff

PATHS = (
    "/", "/tenants/", "/people/", "/orders/", "/payments/", "/refunds/", "/usage/",
    "/provider-events/", "/jobs/", "/mails/", "/audit/", "/search/?q=green", "/account/",
)  # fmt: skip
NOON = datetime(2026, 11, 21, 12, 0, 10, tzinfo=UTC)


def sign_in(browser: Browser, code: str, **changed: str) -> int:
    """The status of the answer to a sign-in."""
    form = {"email": "dora@sheaf.test", "password": PASSWORD, "code": code} | changed
    return browser.post("/sign-in", data=form).status_code


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_led_to_sign_in(stranger: Browser, path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(stranger, method)(path)
        if answer.status_code == 405:
            continue
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_in_both_languages(console: Browser, path: str, language: str) -> None:
    answer = console.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer.status_code == 200, answer.text
    assert "Dora" in answer.text
    assert ("控制台" in answer.text) is (language == "zh")


def test_password_and_code_lead_where_one_was_going(stranger: Browser, dora: NewStaff) -> None:
    asked = stranger.get("/jobs/?state=dead")
    assert asked.location == "/sign-in?next=%2Fjobs%2F%3Fstate%3Ddead"
    with time_machine.travel(NOON, tick=False):
        form = {
            "email": "dora@sheaf.test", "password": PASSWORD,
            "code": code_of(dora, at=NOON.timestamp()),
        }  # fmt: skip
        answer = stranger.post(asked.location, data=form)
        assert (answer.status_code, answer.location) == (303, "/jobs/?state=dead")
        cookie = answer.headers.get("Set-Cookie", "")
        assert cookie.startswith(f"{cookie_name('pid')}=")
        assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert stranger.get("/jobs/").status_code == 200


@pytest.mark.parametrize(
    "goal",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)",
     "/\t/evil.example", "", "tenants/", "/%0d%0aSet-Cookie:x", "/ok\nbad"],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_else(stranger: Browser, dora: NewStaff, goal: str) -> None:
    form = {"email": "dora@sheaf.test", "password": PASSWORD, "code": dora.recovery_codes[0]}
    answer = stranger.post("/sign-in", query_string={"next": goal}, data=form)
    assert answer.status_code == 303
    assert answer.location in ("/", "/%0d%0aSet-Cookie:x")
    assert "x" not in [name.partition("=")[0] for name in answer.headers.getlist("Set-Cookie")]


def test_every_way_of_failing_looks_the_same(stranger: Browser, dora: NewStaff) -> None:
    code = dora.recovery_codes[0]
    tries = [
        {"code": "000000"},
        {"code": code, "password": "barley-before-supper"},
        {"code": code, "email": "nobody@sheaf.test"},
        {"code": code, "email": "nobody@sheaf.test", "password": "x"},
    ]
    pages = set()
    for changed in tries:
        form = {"email": "dora@sheaf.test", "password": PASSWORD} | changed
        answer = stranger.post("/sign-in", data=form)
        assert answer.status_code == 422
        pages.add(answer.text.partition('class="error-summary"')[2].partition("</ul>")[0])
        assert PASSWORD not in answer.text
        assert code not in answer.text
    assert len(pages) == 1
    assert list_sessions(realm=Realm.STAFF, subject_id=dora.id) == []


def test_guessing_is_answered_with_429(stranger: Browser, dora: NewStaff) -> None:
    assert [sign_in(stranger, "000000") for _ in range(7)] == [422] * 5 + [429] * 2
    assert sign_in(stranger, dora.recovery_codes[0]) == 429


def test_a_cookie_of_another_realm_does_not_work_here(
    app: Flask, ana: Browser, dora: NewStaff
) -> None:
    cookie = ana.get_cookie("mid", domain="app.sheaf.test")
    assert cookie is not None
    browser = browse(app, HOST)
    for name in ("mid", "pid", "sid"):
        browser.set_cookie(name, cookie.value, domain=HOST)
    assert browser.get("/").status_code == 303


def test_the_consoles_cookie_does_not_work_elsewhere(
    app: Flask, console: Browser, green: Lived
) -> None:
    cookie = console.get_cookie("pid", domain=HOST)
    assert cookie is not None
    office = browse(app, "app.sheaf.test")
    for name in ("mid", "pid"):
        office.set_cookie(name, cookie.value, domain="app.sheaf.test")
    assert office.get("/greenfield/").status_code == 303


def test_who_leaves_is_out_at_once(console: Browser) -> None:
    assert console.get("/").status_code == 200
    dismiss_staff(email="dora@sheaf.test")
    assert console.get("/").status_code == 303


def test_sessions_are_listed_ended_and_left(console: Browser, app: Flask, dora: NewStaff) -> None:
    other = browse(app, HOST)
    assert sign_in(other, dora.recovery_codes[0]) == 303
    assert "Test browser" in console.get("/account/").text
    ids = [str(s.id) for s in list_sessions(realm=Realm.STAFF, subject_id=dora.id)]
    page = console.get("/account/").text
    [ending] = [i for i in ids if f"/account/sign-ins/{i}" in page]
    assert console.post(f"/account/sign-ins/{ending}").status_code == 303
    assert other.get("/").status_code == 303
    assert console.get("/").status_code == 200
    assert console.post("/sign-out").location == "/sign-in"
    assert console.get("/").status_code == 303


def test_another_members_session_is_not_ended(console: Browser, app: Flask) -> None:
    eve = make_staff("Eve")
    browser = browse(app, HOST)
    assert sign_in(browser, eve.recovery_codes[0], email="eve@sheaf.test") == 303
    [session] = list_sessions(realm=Realm.STAFF, subject_id=eve.id)
    assert console.post(f"/account/sign-ins/{session.id}").status_code == 404
    assert browser.get("/").status_code == 200


def test_a_session_ends_when_it_is_not_used(app: Flask, dora: NewStaff) -> None:
    browser = browse(app, HOST)
    with time_machine.travel(NOON, tick=False) as clock:
        assert sign_in(browser, dora.recovery_codes[0]) == 303
        clock.shift(29 * 60)
        assert browser.get("/").status_code == 200
        clock.shift(31 * 60)
        assert browser.get("/").status_code == 303


def test_a_change_needs_the_forms_own_token(app: Flask, console: Browser, green: Lived) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for path in ("/sign-out", f"{green.records['tenants']}/suspension"):
            assert console.post(path, data={"reason": "No token here"}).status_code in (400, 422)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert browse(app, "greenfield.shops.test").get("/").status_code == 200
