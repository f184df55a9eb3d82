"""Back in without the password."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kernel import clock
from tenants.accounts.models import Tenant
from tenants.people.services.passwords import ask_for_reset
from tests.conftest import Browser, Outbox, at_work, browse
from tests.factories.tenants import PASSWORD, make_member, make_person
from tests.jobs import run_due_jobs

NEW = "six parsnips under straw"


@pytest.fixture
def door(app: Flask) -> Browser:
    return browse(app, "app.sheaf.test")


def ask(app: Flask, door: Browser, email: str = "ana@example.org") -> None:
    answer = door.post("/forgotten-password", data={"email": email})
    assert answer.location == "/forgotten-password/sent"
    assert door.get(answer.location).status_code == 200
    run_due_jobs(app)


def link_in(outbox: Outbox) -> str:
    found = re.search(r"http://app\.sheaf\.test(/reset/\S+)", outbox[-1].body)
    assert found is not None
    return found.group(1)


def test_the_link_sets_a_new_password_once(
    app: Flask, door: Browser, greenfield: Tenant, outbox: Outbox
) -> None:
    elsewhere = at_work(app, make_member(greenfield, "Ana"))
    ask(app, door)
    link = link_in(outbox)
    assert door.get(link).status_code == 200

    answer = door.post(link, data={"password": NEW})
    assert answer.status_code == 303
    assert door.get("/greenfield/").status_code == 200
    assert elsewhere.get("/greenfield/").status_code == 303

    assert door.get(link).status_code == 404
    assert door.post(link, data={"password": NEW + "!"}).status_code == 404
    stranger = browse(app, "app.sheaf.test")
    for password, status in ((PASSWORD, 422), (NEW, 303)):
        answer = stranger.post("/sign-in", data={"email": "ana@example.org", "password": password})
        assert answer.status_code == status


def test_all_links_are_used_up_by_one(app: Flask, door: Browser, outbox: Outbox) -> None:
    make_person("Ana")
    ask(app, door)
    first = link_in(outbox)
    ask(app, door)
    door.post(link_in(outbox), data={"password": NEW})

    assert door.post(first, data={"password": "another good one"}).status_code == 404


def test_an_unknown_address_hears_the_same(app: Flask, door: Browser, outbox: Outbox) -> None:
    ask(app, door, "zoe@example.org")

    assert outbox[-1].to == ["zoe@example.org"]
    assert "/reset/" not in outbox[-1].body


def test_half_an_hour_later_it_is_over(app: Flask, door: Browser, outbox: Outbox) -> None:
    make_person("Ana")
    ask(app, door)
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        assert door.get(link_in(outbox)).status_code == 404
        assert door.post(link_in(outbox), data={"password": NEW}).status_code == 404


def test_a_weak_password_is_refused_and_the_link_stays(
    app: Flask, door: Browser, outbox: Outbox
) -> None:
    make_person("Ana")
    ask(app, door)
    link = link_in(outbox)
    assert door.post(link, data={"password": "password123"}).status_code == 422
    assert door.post(link, data={"password": ""}).status_code == 422
    assert door.post(link, data={"password": NEW}).status_code == 303


def test_no_mailbox_is_flooded_and_nobody_is_kept_from_the_link(
    app: Flask, door: Browser, outbox: Outbox
) -> None:
    make_person("Ana")
    for number in range(5):
        ask(app, browse(app, "app.sheaf.test", address=f"192.0.2.{number}"))
    answer = door.post("/forgotten-password", data={"email": "ana@example.org"})

    assert answer.status_code == 303
    assert len(outbox) == 1
    assert door.post(link_in(outbox), data={"password": NEW}).status_code == 303
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        ask(app, door)
    assert [mail.subject for mail in outbox].count("A new password for Sheaf") == 2


def test_no_number_of_resets_elsewhere_keeps_a_merchant_out(
    app: Flask, door: Browser, outbox: Outbox
) -> None:
    make_person("Ana")
    for number in range(320):
        ask_for_reset(
            email=f"x{number}@example.org", language="en", address=f"198.51.{number % 40}.1"
        )
    assert door.post("/forgotten-password", data={"email": "ana@example.org"}).status_code == 303


def test_a_link_for_something_else_opens_nothing(app: Flask, door: Browser, outbox: Outbox) -> None:
    make_person("Ana")
    ask(app, door)
    token = link_in(outbox).removeprefix("/reset/")
    assert door.get(f"/sign-up/{token}").status_code == 404
    assert door.get(f"/join/{token}").status_code == 404
    for wrong in (token[:-1], token + "x", "x"):
        assert door.get(f"/reset/{wrong}").status_code == 404
