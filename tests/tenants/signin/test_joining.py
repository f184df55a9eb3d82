"""From an invitation into a shop."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from kernel import clock
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.people.queries import list_members
from tenants.people.rules import Role
from tenants.people.services.invitations import invitation_token, invite, revoke_invitation
from tests.conftest import Browser, Outbox, at_work, browse
from tests.factories.tenants import PASSWORD, make_member, make_person
from tests.jobs import run_due_jobs


@pytest.fixture
def door(app: Flask) -> Browser:
    return browse(app, "app.sheaf.test")


def make_invitation(tenant: Tenant, *, email: str = "", role: Role = Role.PACKER) -> str:
    owner = make_member(tenant, "Ana", role=Role.OWNER)
    with acting_for(tenant.id):
        made = invite(email=email, role=role, language="en", invited_by=owner.id)
        return f"/join/{invitation_token(made)}"


def roles(tenant: Tenant) -> dict[str, str]:
    with acting_for(tenant.id):
        return {member.email: member.role.value for member in list_members()}


def test_someone_with_an_account_joins(app: Flask, greenfield: Tenant, door: Browser) -> None:
    link = make_invitation(greenfield, role=Role.MANAGER)
    page = door.get(link).text
    assert "Join Greenfield Growers" in page
    assert "Ana invites you" in page
    assert door.post(link).status_code == 303  # asked to sign in

    dana = at_work(app, make_person("Dana"))
    assert "signed in as dana@example.org" in dana.get(link).text
    assert dana.post(link).location == "/greenfield/"
    assert roles(greenfield)["dana@example.org"] == "manager"
    assert dana.get("/greenfield/").status_code == 200
    assert dana.get(link).status_code == 404


def test_someone_new_proves_the_address_first(
    app: Flask, greenfield: Tenant, door: Browser, outbox: Outbox
) -> None:
    link = make_invitation(greenfield, email="dana@example.org")
    run_due_jobs(app)
    assert link in outbox[-1].body
    wish = {"name": "Dana", "email": "dana@example.org", "password": PASSWORD}
    page = door.post(f"{link}/newcomer", data=wish).location
    assert page.startswith("/sign-up/")
    assert "dana@example.org" not in roles(greenfield)
    run_due_jobs(app)
    code = re.search(r"\b\d{8}\b", outbox[-1].body)
    assert code is not None

    assert door.post(page, data={"code": code.group()}).location == "/greenfield/"
    assert roles(greenfield)["dana@example.org"] == "packer"
    assert browse(app, "app.sheaf.test").get(link).status_code == 404


def test_an_invitation_for_another_address_is_refused(app: Flask, greenfield: Tenant) -> None:
    link = make_invitation(greenfield, email="dana@example.org")
    eve = at_work(app, make_person("Eve"))
    answer = eve.post(link)

    assert answer.status_code == 422
    assert "another e-mail address" in answer.text
    assert "eve@example.org" not in roles(greenfield)


def test_a_link_ends_by_use_time_and_being_taken_back(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    link = make_invitation(greenfield)
    dana = at_work(app, make_person("Dana"))
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        assert dana.get(link).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        assert dana.get(link).status_code == 404
        assert dana.post(link).status_code in {303, 404}

    owner = make_member(hillside, "Carol", role=Role.OWNER)
    with acting_for(hillside.id):
        made = invite(email="", role=Role.PACKER, language="en", invited_by=owner.id)
        revoke_invitation(invitation_id=made.id)
    assert dana.get(f"/join/{invitation_token(made)}").status_code == 404
    assert roles(greenfield) == {"ana@example.org": "owner"}


def test_who_works_there_already_stays_what_they_are(app: Flask, greenfield: Tenant) -> None:
    link = make_invitation(greenfield, role=Role.OWNER)
    ben = at_work(app, make_member(greenfield, "Ben"))

    assert ben.post(link).status_code == 409
    assert roles(greenfield)["ben@example.org"] == "packer"


@pytest.mark.parametrize("token", ["x", "W10.abc", "../../etc", "é" * 10])
def test_no_other_text_is_an_invitation(door: Browser, token: str) -> None:
    assert door.get(f"/join/{token}").status_code == 404
    assert door.post(f"/join/{token}/newcomer").status_code == 404
