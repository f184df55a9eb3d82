"""E1 of what an attacker did to the first build: the merchants' cookie alone, and what it opens."""

from datetime import timedelta

import psycopg
import pytest
import time_machine
from flask import Flask

from billing.sandbox import Sandbox
from kernel import clock
from tenants.accounts.models import Tenant
from tenants.people.models import Person
from tenants.people.rules import Role
from tests.browsers import Browser, at_work, browse
from tests.conftest import Outbox
from tests.factories.factors import give_factor
from tests.factories.tenants import PASSWORD, make_member
from tests.jobs import run_due_jobs
from tests.world import tables
from tests.world.pages import forms_of

APP = "app.sheaf.test"
KEY = "sk_test_51ThiefThiefThiefThief"
# What noting a try may touch, and nothing else.
NOTED = {"throttle_counts", "user_sessions"}


@pytest.fixture
def owner(greenfield: Tenant) -> Person:
    return make_member(greenfield, "Ana", role=Role.OWNER)


@pytest.fixture
def first_owner(greenfield: Tenant) -> Person:
    return make_member(greenfield, "Fay", role=Role.OWNER)


def sign_in(app: Flask, person: Person) -> Browser:
    browser = browse(app, APP)
    form = {"email": person.email, "password": PASSWORD}
    assert browser.post("/sign-in", data=form).status_code == 303
    return browser


def steal(app: Flask, victim: Browser) -> Browser:
    """A browser with the victim's cookie that says who is signed in, and nothing else of theirs."""
    found = victim.get_cookie("mid", domain=APP)
    assert found is not None
    thief = browse(app, APP)
    thief.set_cookie("mid", found.value, domain=APP)
    return thief


def attacks(owner: Person, first: Person) -> dict[str, dict[str, str]]:
    return {
        "/greenfield/payments/own-key": {"key": KEY},
        "/greenfield/payments/own-key/removal": {},
        "/greenfield/payments/onboarding": {"country": "DE"},
        "/greenfield/payments/mode": {"mode": "none"},
        "/greenfield/payments/at-pick-up": {},
        "/greenfield/people/invitations": {"role": "owner"},
        f"/greenfield/people/{first.id}/role": {"role": "packer"},
        f"/greenfield/people/{first.id}/removal": {},
        f"/greenfield/people/{first.id}/second-factor-reset": {},
        "/greenfield/people/second-factor": {"wanted": "y"},
        "/account/second-factor/set-up": {},
        "/account/second-factor/codes": {},
        "/account/second-factor/removal": {},
        "/account/sessions/end-others": {},
    }


def test_the_cookie_alone_changes_nothing_at_any_step(
    app: Flask, owner: Person, first_owner: Person, admin: psycopg.Connection, sandbox: Sandbox,
    outbox: Outbox,
) -> None:  # fmt: skip
    thief = steal(app, sign_in(app, owner))
    run_due_jobs(app)
    outbox.clear()
    assert thief.get("/greenfield/").status_code == 200
    for path, form in attacks(owner, first_owner).items():
        before = tables.digests(admin)
        answer = thief.post(path, data=form)
        assert answer.status_code == 403, path
        assert "Is it you?" in answer.text
        assert KEY not in answer.text
        assert set(tables.changed(before, tables.digests(admin))) <= NOTED, path
    run_due_jobs(app)
    assert outbox == []


def test_a_right_now_made_sign_in_does_not_lend_its_proof_to_the_cookie(
    app: Flask, owner: Person, first_owner: Person
) -> None:
    """The owner has proved who they are this very minute, in their own browser."""
    here = sign_in(app, owner)
    removal = f"/greenfield/people/{first_owner.id}/removal"
    assert steal(app, here).post(removal).status_code == 403
    assert here.post(removal).status_code == 303


def test_an_open_invitation_for_an_owner_shows_no_link_to_the_cookie(
    app: Flask, owner: Person
) -> None:
    here = sign_in(app, owner)
    here.post("/greenfield/people/invitations", data={"role": "owner"})
    assert "/join/" in here.get("/greenfield/people").text
    page = steal(app, here).get("/greenfield/people").text
    assert "/join/" not in page
    assert "Show the link" in page


def test_guessing_the_password_ends_the_stolen_sign_in_and_tells_its_owner(
    app: Flask, owner: Person, outbox: Outbox
) -> None:
    here = sign_in(app, owner)
    thief = steal(app, here)
    for _ in range(5):
        answer = thief.post("/account/confirm", data={"proof": "guess", "proof_to": "/"})
        assert answer.status_code == 422
    over = thief.post("/account/confirm", data={"proof": PASSWORD, "proof_to": "/"})
    assert over.location == "/sign-in"
    assert thief.get("/greenfield/").status_code == 303
    run_due_jobs(app)
    assert [mail.to for mail in outbox] == [["ana@example.org"]]
    assert sign_in(app, owner).get("/greenfield/").status_code == 200, "nobody is shut out"


def test_the_proof_is_good_for_ten_minutes(app: Flask, owner: Person) -> None:
    here = at_work(app, owner)
    assert here.post("/greenfield/payments/mode", data={"mode": "none"}).status_code == 303
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert here.post("/greenfield/payments/mode", data={"mode": "none"}).status_code == 403


def test_what_was_typed_comes_along_over_the_detour(app: Flask, owner: Person) -> None:
    here = at_work(app, owner)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        wish = {"role": "manager", "email": "dana+1@example.org"}
        asked = here.post("/greenfield/people/invitations", data=wish)
        form = next(f for f in forms_of(asked.text, "/") if f.action == "/account/confirm")
        wrong = here.post("/account/confirm", data=form.filled() | {"proof": "wrong"})
        assert wrong.status_code == 422
        form = next(f for f in forms_of(wrong.text, "/") if f.action == "/account/confirm")
        # A browser sends the same body once more to where a 307 leads.
        sent = form.filled() | {"proof": PASSWORD}
        led = here.post("/account/confirm", data=sent)
        assert (led.status_code, led.location) == (307, "/greenfield/people/invitations")
        assert here.post(led.location, data=sent).location.startswith("/greenfield/people")
        page = here.get("/greenfield/people").text
        assert "dana+1@example.org" in page
        assert "Manager" in page.partition('id="invitations"')[2].partition("</table>")[0]


def test_a_key_does_not_come_along_and_is_asked_for_again(app: Flask, owner: Person) -> None:
    here = at_work(app, owner)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        page = f"http://{APP}/greenfield/payments"
        asked = here.post(
            "/greenfield/payments/own-key", data={"key": KEY}, headers={"Referer": page}
        )
        assert KEY not in asked.text
        form = next(f for f in forms_of(asked.text, "/") if f.action == "/account/confirm")
        answer = here.post("/account/confirm", data=form.filled() | {"proof": PASSWORD})
        assert (answer.status_code, answer.location) == (303, "/greenfield/payments")
        assert "enter yours once more" in here.get(answer.location).text


def test_who_has_a_second_factor_proves_by_code_and_not_by_password(
    app: Flask, owner: Person
) -> None:
    phone = give_factor(owner)
    here = at_work(app, owner)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        form = {"proof_to": "/greenfield/people"}
        wrong = here.post("/account/confirm", data=form | {"proof": PASSWORD})
        assert wrong.status_code == 422
        right = here.post("/account/confirm", data=form | {"proof": phone.code()})
        assert (right.status_code, right.location) == (303, "/greenfield/people")


def test_wrong_codes_at_a_detour_use_up_none_of_the_persons_tries(
    app: Flask, owner: Person, admin: psycopg.Connection
) -> None:
    phone = give_factor(owner)
    thief = steal(app, at_work(app, owner))
    for _ in range(6):
        thief.post("/account/confirm", data={"proof": phone.wrong_code(), "proof_to": "/"})
    assert thief.get("/greenfield/").status_code == 303
    assert admin.execute("SELECT wrong_codes FROM person_factors").fetchall() == [(0,)]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_detour_leads_to_this_host_only(app: Flask, owner: Person, to: str) -> None:
    here = at_work(app, owner)
    page = here.get("/account/confirm", query_string={"next": to}).text
    form = next(f for f in forms_of(page, "/") if f.action == "/account/confirm")
    assert form.values["proof_to"] == "/"
    for name in ("proof_to", "proof_back"):
        sent = {"proof": PASSWORD, "proof_sent": "1", name: to}
        assert here.post("/account/confirm", data=sent).location == "/"
