"""What people see and change about themselves."""

from flask import Flask

from tenants.accounts.models import Tenant
from tenants.people.queries import find_person_by_email
from tests.conftest import Browser, at_work, browse
from tests.factories.tenants import PASSWORD, PROOF, make_person, sign_in_token

NEW = "six parsnips under straw"


def test_name_and_language_change(ana: Browser) -> None:
    answer = ana.post("/account", data={"name": " Ana Lind ", "language": "zh"})
    assert answer.status_code == 303

    assert "Ana Lind" in ana.get("/account").text
    assert '<html lang="zh-Hans"' in ana.get("/greenfield/").text
    answer = ana.post("/account", data={"name": " ", "language": "zh"})
    assert answer.status_code == 422


def test_a_new_password_signs_out_everyone_else(app: Flask) -> None:
    person = make_person("Ana")
    here, there = at_work(app, person), at_work(app, person)
    answer = here.post("/account/password", data={"current": PASSWORD, "password": NEW})
    assert answer.status_code == 303

    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_without_the_present_password_nothing_changes(app: Flask) -> None:
    person = make_person("Ana")
    here, there = at_work(app, person), at_work(app, person)
    before = find_person_by_email("ana@example.org")
    assert before is not None
    answer = here.post("/account/password", data={"current": "wrong", "password": NEW})

    assert answer.status_code == 422
    assert "not your present password" in answer.text
    assert there.get("/account").status_code == 200


def test_one_device_or_all_others_can_be_signed_out(app: Flask) -> None:
    person = make_person("Ana")
    here = at_work(app, person)
    phone = browse(app, "app.sheaf.test")
    token = sign_in_token(person, device="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1")
    phone.set_cookie("mid", token, domain="app.sheaf.test")
    desk = at_work(app, person)

    page = here.get("/account").text
    assert "Safari on iPhone" in page
    assert page.count('badge-ok">This device') == 1
    path = page.split("Safari on iPhone")[1].split('action="')[1].split('"')[0]
    assert here.post(path).status_code == 303
    assert (phone.get("/account").status_code, desk.get("/account").status_code) == (303, 200)
    assert here.post(path).status_code == 404

    here.post("/account/sessions/end-others")
    assert (here.get("/account").status_code, desk.get("/account").status_code) == (200, 303)


def test_nobody_signs_out_a_stranger(ana: Browser, carol: Browser) -> None:
    desk = ana.get("/account").text
    assert "Unknown device" in desk
    ours = at_work(ana.application, make_person("Dana"))
    token = sign_in_token(make_person("Eve"))
    eve = browse(ana.application, "app.sheaf.test")
    eve.set_cookie("mid", token, domain="app.sheaf.test")
    eve.set_cookie("proof", PROOF, domain="app.sheaf.test")
    other = at_work(ana.application, find_person_by_email("dana@example.org") or make_person("X"))
    page = other.get("/account").text
    path = page.split('action="/account/sessions/')[1].split('"')[0]

    assert eve.post(f"/account/sessions/{path}").status_code == 404
    assert ours.get("/account").status_code == 200


def test_a_person_without_a_shop_can_open_one(app: Flask) -> None:
    here = at_work(app, make_person("Ana"))
    assert "No shop yet" in here.get("/").text
    wish = {
        "shop_name": "Meadow", "slug": "meadow", "currency": "EUR", "time_zone": "Europe/Berlin",
    }  # fmt: skip
    assert here.get("/shops/new").status_code == 200
    assert here.post("/shops/new", data=wish).location == "/meadow/"
    assert here.get("/meadow/").status_code == 200
    assert here.post("/shops/new", data=wish).status_code == 409
    assert here.post("/shops/new", data=wish | {"slug": "meadow-two"}).status_code == 409
    second = wish | {"slug": "meadow-two", "shop_name": "Meadow Two"}
    assert here.post("/shops/new", data=second).status_code == 303
    page = here.get("/").text
    assert page.count('href="/meadow') == 2


def test_shops_of_others_are_not_listed(ana: Browser, greenfield: Tenant, hillside: Tenant) -> None:
    assert ana.get("/").location == "/greenfield/"
