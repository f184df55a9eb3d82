"""Setting up, moving, switching off; and who may reset it for somebody else."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kernel import clock
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tenants.factors.queries import count_recovery_codes, has_factor
from tenants.factors.services.require import require_of_everyone, require_of_owners
from tenants.people.models import Person
from tenants.people.rules import Role
from tenants.people.services import join_shop
from tests.browsers import Browser, at_work, browse
from tests.conftest import Outbox
from tests.factories.factors import Phone, give_factor
from tests.factories.tenants import PASSWORD, make_member, sign_in_token
from tests.jobs import run_due_jobs

PAGE = "/account/second-factor"
SOON, LATE = timedelta(days=1), timedelta(days=8)


@pytest.fixture
def owner(greenfield: Tenant) -> Person:
    return make_member(greenfield, "Ana", role=Role.OWNER)


def set_up(browser: Browser) -> Phone:
    assert browser.post(f"{PAGE}/set-up").location == f"{PAGE}/set-up"
    page = browser.get(f"{PAGE}/set-up").text
    found = re.search(r"secret=([A-Z2-7]+)", page)
    assert found is not None
    assert '<svg class="qr"' in page
    phone = Phone(found.group(1))
    answer = browser.post(f"{PAGE}/confirmation", data={"code": phone.code()})
    assert answer.status_code == 200
    phone.papers = re.findall(r"<code>([\w-]+)</code>", answer.text)
    return phone


def test_a_person_sets_it_up_and_other_devices_are_signed_out(
    app: Flask, owner: Person, outbox: Outbox
) -> None:
    here, there = at_work(app, owner), at_work(app, owner)
    phone = set_up(here)

    assert len(phone.papers) == 10
    assert has_factor(owner.id)
    assert here.get(PAGE).status_code == 200
    assert there.get("/account").status_code == 303
    run_due_jobs(app)
    assert [mail.to for mail in outbox] == [["ana@example.org"]]
    assert "second step was switched on" in outbox[0].body
    assert not any(secret in outbox[0].body for secret in (phone.secret, *phone.papers))


def test_a_wrong_first_code_switches_nothing_on(app: Flask, owner: Person) -> None:
    here = at_work(app, owner)
    here.post(f"{PAGE}/set-up")
    answer = here.post(f"{PAGE}/confirmation", data={"code": "000000"})
    assert answer.status_code == 422
    assert '<svg class="qr"' in answer.text
    assert not has_factor(owner.id)


def test_moving_to_another_phone_ends_the_first_and_its_paper(app: Flask, owner: Person) -> None:
    old = give_factor(owner)
    here = at_work(app, owner)
    new = set_up(here)
    assert count_recovery_codes(owner.id) == 10
    assert set(new.papers).isdisjoint(old.papers)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        door = browse(app, "app.sheaf.test")
        door.post("/sign-in", data={"email": owner.email, "password": PASSWORD})
        assert door.post("/sign-in/code", data={"code": old.code()}).status_code == 422
        assert door.post("/sign-in/code", data={"code": old.papers[0]}).status_code == 422
        assert door.post("/sign-in/code", data={"code": new.code()}).status_code == 303


def test_new_recovery_codes_replace_the_old_ones(app: Flask, owner: Person) -> None:
    old = give_factor(owner)
    page = at_work(app, owner).post(f"{PAGE}/codes").text
    new = re.findall(r"<code>([\w-]+)</code>", page)
    assert len(new) == 10
    assert count_recovery_codes(owner.id) == 10
    assert set(new).isdisjoint(old.papers)


def test_it_can_be_switched_off_unless_a_shop_asks_for_it(
    app: Flask, owner: Person, greenfield: Tenant
) -> None:
    give_factor(owner)
    with acting_for(greenfield.id):
        require_of_owners()
    here = at_work(app, owner)
    refused = here.post(f"{PAGE}/removal")
    assert refused.status_code == 409
    assert "Greenfield Growers asks for it" in refused.text
    assert has_factor(owner.id)

    ben = make_member(greenfield, "Ben", role=Role.PACKER)
    give_factor(ben)
    assert at_work(app, ben).post(f"{PAGE}/removal").status_code == 303
    assert not has_factor(ben.id)


def test_owners_of_a_connected_shop_are_led_to_it_with_a_grace_of_a_week(
    app: Flask, owner: Person, greenfield: Tenant
) -> None:
    ben = make_member(greenfield, "Ben", role=Role.PACKER)
    with acting_for(greenfield.id):
        require_of_owners()
    door = browse(app, "app.sheaf.test")
    answer = door.post("/sign-in", data={"email": owner.email, "password": PASSWORD})
    assert answer.location == f"{PAGE}?next=%2F"
    page = door.get(answer.location).text
    assert "Greenfield Growers asks for it" in page
    assert ">Later<" in page

    assert "second step" in door.get("/greenfield/").text
    with time_machine.travel(clock.now() + LATE):
        here = at_work(app, owner)
        led = here.get("/greenfield/orders")
        assert (led.status_code, led.location) == (303, f"{PAGE}?next=%2Fgreenfield%2Forders")
        assert here.post("/greenfield/payments/mode", data={"mode": "none"}).location == PAGE
        assert here.get(PAGE).status_code == 200
        assert at_work(app, ben).get("/greenfield/").status_code == 200, "asked of owners only"

        set_up(here)
        assert here.get("/greenfield/orders").status_code == 200


def test_asking_again_puts_nothing_off(greenfield: Tenant, owner: Person) -> None:
    with acting_for(greenfield.id):
        require_of_owners()
        first = get_profile().owners_need_factor_since
        with time_machine.travel(clock.now() + SOON):
            require_of_owners()
            require_of_everyone(wanted=True)
            require_of_everyone(wanted=False)
        assert get_profile().owners_need_factor_since == first


def test_a_shop_can_ask_it_of_everyone(app: Flask, owner: Person, greenfield: Tenant) -> None:
    ben = make_member(greenfield, "Ben", role=Role.PACKER)
    ana = at_work(app, owner)
    assert ana.post("/greenfield/people/second-factor", data={"wanted": "y"}).status_code == 303
    packer = at_work(app, ben)
    assert "second step" in packer.get("/greenfield/").text
    assert packer.post("/greenfield/people/second-factor").status_code == 403
    with time_machine.travel(clock.now() + LATE):
        assert at_work(app, ben).get("/greenfield/").location.startswith(PAGE)


def test_another_owner_resets_it_and_everyone_concerned_hears_of_it(
    app: Flask, owner: Person, greenfield: Tenant, outbox: Outbox
) -> None:
    ben = make_member(greenfield, "Ben", role=Role.PACKER)
    give_factor(ben)
    run_due_jobs(app)
    outbox.clear()
    bens = at_work(app, ben)
    answer = at_work(app, owner).post(f"/greenfield/people/{ben.id}/second-factor-reset")
    assert answer.status_code == 303
    assert not has_factor(ben.id)
    assert bens.get("/greenfield/").status_code == 303, "signed out"
    assert count_recovery_codes(ben.id) == 0
    run_due_jobs(app)
    assert sorted(mail.to[0] for mail in outbox) == ["ana@example.org", "ben@example.org"]
    assert all("Ana" in mail.body for mail in outbox)


def test_nobody_resets_a_factor_that_guards_another_shop_too(
    app: Flask, owner: Person, greenfield: Tenant, hillside: Tenant
) -> None:
    carol = make_member(hillside, "Carol", role=Role.OWNER)
    give_factor(carol)
    with acting_for(greenfield.id):
        join_shop(person_id=carol.id, role=Role.PACKER)
    answer = at_work(app, owner).post(f"/greenfield/people/{carol.id}/second-factor-reset")
    assert answer.status_code == 409
    assert has_factor(carol.id)


def test_a_packer_and_a_stranger_reset_nothing(
    app: Flask, owner: Person, greenfield: Tenant, ben: Browser, carol: Browser
) -> None:
    give_factor(owner)
    path = f"/greenfield/people/{owner.id}/second-factor-reset"
    assert ben.post(path).status_code == 403
    assert carol.post(path).status_code == 404
    assert has_factor(owner.id)


def test_without_proof_the_secret_is_not_shown(app: Flask, owner: Person) -> None:
    at_work(app, owner).post(f"{PAGE}/set-up")
    thief = browse(app, "app.sheaf.test")
    thief.set_cookie("mid", sign_in_token(owner), domain="app.sheaf.test")
    answer = thief.get(f"{PAGE}/set-up")
    assert answer.status_code == 303
    assert answer.location.startswith("/account/confirm")
