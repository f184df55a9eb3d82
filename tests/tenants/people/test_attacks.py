"""People who should no longer get in, and people who do one thing twice at the same moment."""

import contextvars
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
import time_machine
from flask import Flask

from kernel import clock
from kernel.cron import tick
from kernel.errors import DomainError
from kernel.scope import PLATFORM_ID, acting_for
from tenants.accounts.models import Tenant
from tenants.accounts.services import NewShop, open_shop
from tenants.people.errors import InvitationIsOver
from tenants.people.queries import list_members
from tenants.people.rules import Role
from tenants.people.services import change_role, remove_member
from tenants.people.services.invitations import accept_invitation, invitation_token, invite
from tenants.people.services.passwords import ask_for_reset, prepare_reset, reset_password
from tenants.people.services.sign_ups import (
    Newcomer,
    finish_sign_up,
    prove_address,
    renew_code,
    start_sign_up,
)
from tests.factories.tenants import PASSWORD, make_member, make_person, sign_in_token
from tests.jobs import run_due_jobs
from wsgi import PERIODIC


def at_once(app: Flask, *deeds: Callable[[], object]) -> Counter[str]:
    """Each deed on a connection of its own; what came out, or the code of the refusal."""

    def do(deed: Callable[[], object]) -> str:
        with app.app_context():
            try:
                deed()
            except DomainError as error:
                return error.code
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        outcomes = [pool.submit(contextvars.Context().run, do, deed) for deed in deeds]
        return Counter(outcome.result() for outcome in outcomes)


def in_shop(tenant: Tenant, deed: Callable[[], object]) -> Callable[[], object]:
    def act() -> object:
        with acting_for(tenant.id):
            return deed()

    return act


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_an_owner_who_goes_leaves_no_door_open(greenfield: Tenant, how: str) -> None:
    make_member(greenfield, "Ana", role=Role.OWNER)
    mallory = make_member(greenfield, "Mallory", role=Role.OWNER)
    second_self = make_person("Mal")
    with acting_for(greenfield.id):
        link = invitation_token(
            invite(email="", role=Role.OWNER, language="en", invited_by=mallory.id)
        )
        if how == "removed":
            remove_member(person_id=mallory.id)
        else:
            change_role(person_id=mallory.id, role=Role.PACKER)

    with pytest.raises(InvitationIsOver):
        accept_invitation(link, person_id=second_self.id)

    with acting_for(greenfield.id):
        assert {member.name for member in list_members() if member.role is Role.OWNER} == {"Ana"}


def test_two_owners_who_remove_each_other_leave_one(app: Flask, greenfield: Tenant) -> None:
    ana = make_member(greenfield, "Ana", role=Role.OWNER)
    dana = make_member(greenfield, "Dana", role=Role.OWNER)

    outcome = at_once(
        app,
        in_shop(greenfield, lambda: remove_member(person_id=ana.id)),
        in_shop(greenfield, lambda: change_role(person_id=dana.id, role=Role.PACKER)),
    )

    assert outcome == {"done": 1, "last_owner": 1}


def test_one_link_lets_one_person_in(app: Flask, greenfield: Tenant) -> None:
    ana = make_member(greenfield, "Ana", role=Role.OWNER)
    people = [make_person(name) for name in ("Dana", "Eve", "Finn")]
    with acting_for(greenfield.id):
        made = invite(email="", role=Role.PACKER, language="en", invited_by=ana.id)
        link = invitation_token(made)

    outcome = at_once(app, *[lambda p=p: accept_invitation(link, person_id=p.id) for p in people])

    assert outcome["done"] == 1
    with acting_for(greenfield.id):
        assert len(list_members()) == 2


def test_one_reset_link_sets_one_password(app: Flask, admin: psycopg.Connection) -> None:
    make_person("Dana")
    ask_for_reset(email="dana@example.org", language="en", address="192.0.2.1")
    reset_id = admin.execute("SELECT id FROM password_resets").fetchall()[0][0]
    with acting_for(PLATFORM_ID):
        token = prepare_reset(reset_id)[1]

    outcome = at_once(
        app, *[lambda n=n: reset_password(token, password=f"{n} geese in a barn") for n in range(4)]
    )

    assert outcome["done"] == 1


def test_the_same_new_person_twice_is_one_person(app: Flask, admin: psycopg.Connection) -> None:
    tokens = []
    for n in range(3):
        shop = NewShop(f"Farm {n}", f"farm-number-{n}", "EUR", "Europe/Berlin", ["en"])
        newcomer = Newcomer("", "new@example.org", PASSWORD, "en", shop)
        tokens.append(start_sign_up(newcomer, address="192.0.2.1"))
    for token, (sign_up_id,) in zip(
        tokens, admin.execute("SELECT id FROM sign_ups ORDER BY id").fetchall(), strict=True
    ):
        with acting_for(PLATFORM_ID):
            code = renew_code(sign_up_id)[1]
        prove_address(token, code=code)

    outcome = at_once(app, *[lambda t=t: finish_sign_up(t) for t in tokens])

    assert outcome == {"done": 3}
    assert admin.execute("SELECT count(*) FROM people").fetchall() == [(1,)]


def test_one_sign_up_sent_twice_opens_one_shop(app: Flask, admin: psycopg.Connection) -> None:
    shop = NewShop("Farm", "farm-number-1", "EUR", "Europe/Berlin", ["en"])
    token = start_sign_up(
        Newcomer("", "new@example.org", PASSWORD, "en", shop), address="192.0.2.1"
    )
    (sign_up_id,) = admin.execute("SELECT id FROM sign_ups").fetchall()[0]
    with acting_for(PLATFORM_ID):
        code = renew_code(sign_up_id)[1]
    prove_address(token, code=code)

    outcome = at_once(app, *[lambda: finish_sign_up(token)] * 3)

    assert outcome["done"] == 1
    assert admin.execute("SELECT count(*) FROM shop_profiles").fetchall() == [(1,)]


def test_many_guesses_at_once_are_still_five(app: Flask, admin: psycopg.Connection) -> None:
    shop = NewShop("Farm", "farm-number-1", "EUR", "Europe/Berlin", ["en"])
    token = start_sign_up(
        Newcomer("", "new@example.org", PASSWORD, "en", shop), address="192.0.2.1"
    )
    (sign_up_id,) = admin.execute("SELECT id FROM sign_ups").fetchall()[0]
    with acting_for(PLATFORM_ID):
        code = renew_code(sign_up_id)[1]
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    outcome = at_once(app, *[lambda: prove_address(token, code=wrong)] * 8)

    assert outcome == {"code_does_not_fit": 5, "code_is_spent": 3}


def test_one_address_belongs_to_one_shop(app: Flask) -> None:
    owner = make_person("Dana")
    shop = NewShop("Farm", "farm-number-1", "EUR", "Europe/Berlin", ["en"])

    outcome = at_once(app, *[lambda: open_shop(shop=shop, owner_id=owner.id)] * 4)

    assert outcome == {"done": 1, "slug_taken": 3}


def test_what_strangers_typed_is_forgotten(app: Flask, admin: psycopg.Connection) -> None:
    shop = NewShop("Farm", "farm-number-1", "EUR", "Europe/Berlin", ["en"])
    start_sign_up(Newcomer("", "new@example.org", PASSWORD, "en", shop), address="192.0.2.1")
    dana = make_person("Dana")
    sign_in_token(dana)
    with time_machine.travel(clock.now() + timedelta(days=27)):
        sign_in_token(dana)
    run_due_jobs(app)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        tick(PERIODIC, clock.now() - timedelta(hours=2))
        run_due_jobs(app)

    counts = {
        table: admin.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        for table in ("sign_ups", "throttle_counts", "user_sessions", "people")
    }
    assert counts == {"sign_ups": 0, "throttle_counts": 0, "user_sessions": 1, "people": 1}
