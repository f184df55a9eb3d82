"""From the front page into the back office of one's own shop."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kernel import clock
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.accounts.queries import find_tenant_by_slug, get_profile
from tenants.people.queries import find_person_by_email, list_members
from tests.browsers import main_of
from tests.conftest import Browser, Outbox, browse
from tests.factories.tenants import PASSWORD, make_person
from tests.jobs import run_due_jobs
from tests.statements import statements

WISH = {
    "shop_name": "Riverside Growers",
    "slug": "riverside",
    "email": "Rita@Riverside.example",
    "password": PASSWORD,
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return browse(app, "sheaf.test")


@pytest.fixture
def merchant(app: Flask) -> Browser:
    return browse(app, "app.sheaf.test")


def sign_up(visitor: Browser, **changed: str) -> str:
    """The path of the page that asks for the code."""
    answer = visitor.post("/sign-up", data=WISH | changed)
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith("http://app.sheaf.test/sign-up/")
    return answer.location.removeprefix("http://app.sheaf.test").partition("?")[0]


def code_in(outbox: Outbox) -> str:
    found = re.search(r"\b\d{8}\b", outbox[-1].body)
    assert found is not None
    return found.group()


def test_an_owner_stands_in_their_shop(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    run_due_jobs(app)
    assert outbox[-1].to == ["rita@riverside.example"]
    code = code_in(outbox)
    assert code not in outbox[-1].subject

    answer = merchant.post(page, data={"code": f" {code[:3]} {code[3:]} "})
    assert answer.status_code == 303
    assert answer.location == "/riverside/"
    office = merchant.get("/riverside/")
    assert office.status_code == 200
    assert "Riverside Growers" in office.text

    tenant = find_tenant_by_slug("riverside")
    assert tenant is not None
    with acting_for(tenant.id):
        assert [(m.name, m.role) for m in list_members()] == [("Rita", "owner")]
        assert get_profile().languages == ["en", "zh"]
    assert merchant.post(page, data={"code": code}).status_code == 404


def test_the_session_cookie_is_opaque_and_kept_from_scripts(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    run_due_jobs(app)
    answer = merchant.post(page, data={"code": code_in(outbox)})

    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("mid=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Domain" not in cookie


def test_a_known_address_is_told_the_same(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    make_person("Rita", email="rita@riverside.example")
    page = sign_up(visitor)
    known = merchant.get(page)
    run_due_jobs(app)
    assert "already has" not in known.text
    assert "already have an account" in outbox[-1].subject
    assert not re.search(r"\b\d{8}\b", outbox[-1].body)

    other = sign_up(visitor, email="new@riverside.example", slug="riverside-2")
    unknown = merchant.get(other)
    assert known.status_code == unknown.status_code
    same = known.text.replace("rita@", "new@").replace(page, other)
    assert main_of(same) == main_of(unknown.text)
    for code in ("000000", "", "123456"):
        assert merchant.post(page, data={"code": code}).status_code == 422
    assert find_tenant_by_slug("riverside") is None


def test_the_same_work_is_done_for_a_known_address(app: Flask, visitor: Browser) -> None:
    make_person("Rita", email="rita@riverside.example")
    counts = []
    for number, email in enumerate(["rita@riverside.example", "new@riverside.example"]):
        with statements() as said:
            sign_up(visitor, email=email, slug=f"riverside-{number}")
        counts.append(len(said))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shop_name": ""}, "Enter the name of your cooperative"),
        ({"shop_name": " \u200b"}, "Enter the name of your cooperative"),
        ({"slug": "Sign In"}, "letters a to z"),
        ({"slug": "www"}, "kept for Sheaf"),
        ({"slug": "ab"}, "at least 3"),
        ({"email": "rita"}, "Enter an e-mail address"),
        ({"email": "rita@x.example\r\nBcc: a@b.example"}, "Enter an e-mail address"),
        ({"password": "short"}, "at least 10"),
        ({"password": "password1234"}, "first that strangers try"),
        ({"password": "riverside2026"}, "easy to guess"),
        ({"currency": "XXX"}, "Not a valid choice"),
        ({"time_zone": "Mars/Olympus"}, "Not a valid choice"),
        ({"shop_name": "x" * 300}, "120"),
    ],
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    visitor: Browser, changed: dict[str, str], words: str
) -> None:
    answer = visitor.post("/sign-up", data=WISH | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "Error:" in answer.text
    if "email" not in changed:
        assert "Rita@Riverside.example" in answer.text
    assert PASSWORD not in answer.text


def test_a_taken_address_comes_with_a_free_one(visitor: Browser, greenfield: Tenant) -> None:
    answer = visitor.post("/sign-up", data=WISH | {"slug": "greenfield"})

    assert answer.status_code == 409
    assert "greenfield-2 is free" in answer.text


def test_without_an_address_one_is_suggested(visitor: Browser) -> None:
    answer = visitor.post("/sign-up", data=WISH | {"shop_name": "绿野合作社", "slug": ""})

    assert answer.status_code == 422
    assert 'value="lvye"' in answer.text
    assert "Is this address right" in answer.text


def test_the_address_is_checked_while_it_is_typed(visitor: Browser, greenfield: Tenant) -> None:
    assert "hillside.shops.test is free" in visitor.get("/sign-up/address?slug=Hillside").text
    taken = visitor.get("/sign-up/address?slug=greenfield").text
    assert "greenfield-2 is free" in taken
    assert "kept for Sheaf" in visitor.get("/sign-up/address?slug=admin").text
    named = visitor.get("/sign-up/address?shop_name=Green+Field&slug=").text
    assert 'value="green-field"' in named


def test_five_wrong_codes_spend_it(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    run_due_jobs(app)
    right = code_in(outbox)
    wrong = "111111" if right != "111111" else "222222"
    for left in (4, 3, 2, 1, 0):
        assert f"Tries left: {left}" in merchant.post(page, data={"code": wrong}).text

    answer = merchant.post(page, data={"code": right})
    assert answer.status_code == 422
    assert "works no more" in answer.text

    assert merchant.post(f"{page}/codes").status_code == 303
    run_due_jobs(app)
    assert code_in(outbox) != right or len(outbox) == 2
    assert merchant.post(page, data={"code": code_in(outbox)}).status_code == 303


def test_only_three_codes_are_sent(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    for _ in range(2):
        assert merchant.post(f"{page}/codes").status_code == 303
    assert merchant.post(f"{page}/codes").status_code == 422
    run_due_jobs(app)
    assert len(outbox) == 3


def test_a_code_is_good_for_ten_minutes(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    run_due_jobs(app)
    code = code_in(outbox)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        assert merchant.post(page, data={"code": code}).status_code == 422
        assert merchant.post(f"{page}/codes").status_code == 303
        run_due_jobs(app)
        assert merchant.post(page, data={"code": code_in(outbox)}).status_code == 303


def test_wrong_codes_from_one_place_end_for_the_day_whatever_wish_they_are_for(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    pages = [sign_up(visitor, email=f"a{number}@riverside.example") for number in range(7)]
    run_due_jobs(app)
    right = code_in(outbox)
    wrong = "00000000" if right != "00000000" else "11111111"
    answers = [merchant.post(page, data={"code": wrong}).status_code for page in pages * 5]

    assert answers == [422] * 30 + [429] * 5
    assert merchant.post(pages[-1], data={"code": right}).status_code == 429
    elsewhere = browse(app, "app.sheaf.test", address="198.51.100.7")
    assert elsewhere.post(pages[-1], data={"code": right}).status_code == 303


def test_strangers_who_sign_up_an_address_do_not_keep_its_owner_out(
    app: Flask, outbox: Outbox
) -> None:
    for number in range(12):
        stranger = browse(app, "sheaf.test", address=f"192.0.2.{number}")
        sign_up(stranger)
    owner = browse(app, "sheaf.test", address="198.51.100.7")
    page = sign_up(owner)
    run_due_jobs(app)
    rita = browse(app, "app.sheaf.test", address="198.51.100.7")
    assert rita.post(page, data={"code": code_in(outbox)}).status_code == 303


def test_an_hour_later_it_is_over(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    page = sign_up(visitor)
    run_due_jobs(app)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert merchant.get(page).status_code == 404
        assert merchant.post(page, data={"code": code_in(outbox)}).status_code == 404
    assert find_person_by_email("rita@riverside.example") is None


def test_who_comes_second_to_an_address_chooses_another(
    app: Flask, visitor: Browser, merchant: Browser, outbox: Outbox
) -> None:
    first = sign_up(visitor)
    run_due_jobs(app)
    code = code_in(outbox)
    second = sign_up(visitor, email="sue@riverside.example", shop_name="Lower Riverside")
    run_due_jobs(app)
    assert merchant.post(first, data={"code": code}).status_code == 303

    later = browse(app, "app.sheaf.test")
    answer = later.post(second, data={"code": code_in(outbox)})
    assert answer.status_code == 409
    assert "riverside-2 is free" in answer.text
    assert find_person_by_email("sue@riverside.example") is None
    answer = later.post(second, data={"slug": "riverside-2"})
    assert answer.location == "/riverside-2/"


@pytest.mark.parametrize("token", ["x", "W10.abc", "%00", "../../etc", "é"])
def test_no_other_text_is_a_page(merchant: Browser, token: str) -> None:
    assert merchant.get(f"/sign-up/{token}").status_code == 404
    assert merchant.post(f"/sign-up/{token}", data={"code": "1"}).status_code == 404
    assert merchant.post(f"/sign-up/{token}/codes").status_code == 404


def test_too_many_wishes_from_one_place_wait(visitor: Browser) -> None:
    for number in range(20):
        sign_up(visitor, email=f"a{number}@riverside.example")
    answer = visitor.post("/sign-up", data=WISH | {"email": "b@riverside.example"})

    assert answer.status_code == 429
    assert "Too many tries" in answer.text


def test_the_browsers_time_zone_is_the_better_guess(visitor: Browser) -> None:
    assert "data-own-zone" in visitor.get("/").text
    again = visitor.get("/sign-up/place?time_zone=Asia%2FTokyo").text
    assert re.search(r'<option selected value="JPY"', again)
    assert re.search(r'<option selected value="Asia/Tokyo"', again)
    assert "data-own-zone" not in again
    assert "data-own-zone" not in visitor.post("/sign-up", data={}).text


def test_language_and_money_are_guessed(visitor: Browser) -> None:
    page = visitor.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert '<html lang="zh-Hans"' in page
    assert re.search(r'<option selected value="CNY"', page)
    page = visitor.get("/", headers={"Accept-Language": "en-GB"}).text
    assert re.search(r'<option selected value="GBP"', page)
