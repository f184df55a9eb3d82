"""Who works in a shop, and who decides it."""

import threading
from uuid import UUID

import pytest
from flask import Flask

from admin.backoffice.people import RIGHTS
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.audit.queries import list_entries
from tenants.people.errors import LastOwner
from tenants.people.queries import list_members, list_open_invitations
from tenants.people.rules import PERMISSIONS, Permission, Role
from tenants.people.services.members import change_role, remove_member
from tests.conftest import Browser, Outbox, at_work
from tests.factories.tenants import make_member
from tests.jobs import run_due_jobs


def members(tenant: Tenant) -> dict[str, tuple[UUID, str]]:
    with acting_for(tenant.id):
        return {one.name: (one.person_id, one.role.value) for one in list_members()}


def actions(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return [entry.action for entry in list_entries().rows]


def test_everyone_is_listed_with_the_rights_of_each_role(ana: Browser, ben: Browser) -> None:
    page = ana.get("/greenfield/people").text

    assert "ben@example.org" in page
    assert "Give money back" in page
    assert page.count("<td>" + RIGHTS[Permission.TAKE_PAYMENT]) == 1
    assert set(RIGHTS) == set(Permission)


def test_a_new_role_counts_at_once_and_signs_out(
    ana: Browser, ben: Browser, greenfield: Tenant
) -> None:
    ben_id = members(greenfield)["Ben"][0]
    assert ben.get("/greenfield/settings").status_code == 403
    answer = ana.post(f"/greenfield/people/{ben_id}/role", data={"role": "manager"})
    assert answer.status_code == 303

    assert members(greenfield)["Ben"][1] == "manager"
    assert ben.get("/greenfield/").status_code == 303
    with acting_for(greenfield.id):
        entry = list_entries().rows[0]
    assert (entry.action, entry.actor_name) == ("person.role_changed", "Ana")
    assert entry.facts == {"before": "packer", "role": "manager"}


def test_someone_removed_is_out_and_can_come_back(
    ana: Browser, ben: Browser, greenfield: Tenant
) -> None:
    ben_id = members(greenfield)["Ben"][0]
    assert ana.post(f"/greenfield/people/{ben_id}/removal").status_code == 303

    assert list(members(greenfield)) == ["Ana"]
    assert ben.get("/greenfield/").status_code == 303
    assert ana.post(f"/greenfield/people/{ben_id}/removal").status_code == 404


def test_a_shop_keeps_an_owner(ana: Browser, ben: Browser, greenfield: Tenant) -> None:
    ana_id = members(greenfield)["Ana"][0]
    for path, data in (("role", {"role": "packer"}), ("removal", {})):
        answer = ana.post(f"/greenfield/people/{ana_id}/{path}", data=data)
        assert answer.status_code == 409
        assert "A shop needs an owner" in answer.text
    assert members(greenfield)["Ana"][1] == "owner"
    assert ana.get("/greenfield/").status_code == 200


@pytest.mark.race
def test_two_owners_who_remove_each_other_leave_one(app: Flask, greenfield: Tenant) -> None:
    first = make_member(greenfield, "Ana", role=Role.OWNER)
    second = make_member(greenfield, "Abel", role=Role.OWNER)
    refused: list[str] = []

    def remove(person_id: UUID) -> None:
        with app.app_context(), acting_for(greenfield.id):
            try:
                remove_member(person_id=person_id)
            except LastOwner:
                refused.append(str(person_id))

    threads = [threading.Thread(target=remove, args=[one.id]) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert len(members(greenfield)) == 1


def test_only_owners_decide_who_works_here(
    app: Flask, ben: Browser, carol: Browser, greenfield: Tenant
) -> None:
    manager = at_work(app, make_member(greenfield, "Mia", role=Role.MANAGER))
    ben_id = members(greenfield)["Ben"][0]
    for browser, status in ((manager, 403), (ben, 403), (carol, 404)):
        assert browser.get("/greenfield/people").status_code == status
        assert browser.post("/greenfield/people/invitations", data={}).status_code == status
        assert browser.post(f"/greenfield/people/{ben_id}/role").status_code == status
        assert browser.post(f"/greenfield/people/{ben_id}/removal").status_code == status
    assert members(greenfield)["Ben"][1] == "packer"


def test_a_neighbours_person_is_not_found(
    ana: Browser, carol: Browser, greenfield: Tenant, hillside: Tenant
) -> None:
    carol_id = members(hillside)["Carol"][0]
    answer = ana.post(f"/greenfield/people/{carol_id}/role", data={"role": "packer"})

    assert answer.status_code == 404
    assert members(hillside)["Carol"][1] == "owner"
    assert "carol" not in answer.text.lower()


def test_an_invitation_is_mailed_or_copied(
    app: Flask, ana: Browser, greenfield: Tenant, outbox: Outbox
) -> None:
    assert ana.get("/greenfield/people/invitations/new").status_code == 200
    wish = {"role": "manager", "email": " Dana@Example.org "}
    assert ana.post("/greenfield/people/invitations", data=wish).status_code == 303
    assert ana.post("/greenfield/people/invitations", data={"role": "packer"}).status_code == 303
    run_due_jobs(app)

    assert [mail.to for mail in outbox] == [["dana@example.org"]]
    assert "Greenfield Growers" in outbox[0].body
    assert "Role: Manager" in outbox[0].body or "Manager" in outbox[0].body
    page = ana.get("/greenfield/people").text
    assert page.count("http://app.sheaf.test/join/") >= 2
    assert actions(greenfield).count("person.invited") == 2


def test_an_invitation_is_refused_at_its_field(ana: Browser, ben: Browser) -> None:
    for email, words, status in (
        ("nobody", "Enter an e-mail address", 422),
        ("ben@example.org", "already works", 409),
    ):
        answer = ana.post("/greenfield/people/invitations", data={"role": "packer", "email": email})
        assert answer.status_code == status
        assert words in answer.text
        assert email in answer.text
    answer = ana.post("/greenfield/people/invitations", data={"role": "king"})
    assert answer.status_code == 422


def test_an_invitation_can_be_taken_back(ana: Browser, carol: Browser, greenfield: Tenant) -> None:
    ana.post("/greenfield/people/invitations", data={"role": "packer"})
    with acting_for(greenfield.id):
        (made,) = list_open_invitations()
    path = f"people/invitations/{made.id}/revocation"
    assert carol.post(f"/hillside/{path}").status_code == 404
    assert ana.post(f"/greenfield/{path}").status_code == 303

    with acting_for(greenfield.id):
        assert list_open_invitations() == []
    assert ana.post(f"/greenfield/{path}").status_code == 404


def test_the_same_role_again_changes_nothing(
    ana: Browser, ben: Browser, greenfield: Tenant
) -> None:
    ben_id = members(greenfield)["Ben"][0]
    with acting_for(greenfield.id):
        change_role(person_id=ben_id, role=Role.PACKER)

    assert ben.get("/greenfield/").status_code == 200
    assert "person.role_changed" not in actions(greenfield)


def test_what_each_role_may_do() -> None:
    assert PERMISSIONS[Role.OWNER] == set(Permission)
    assert set(Permission) - PERMISSIONS[Role.MANAGER] == {
        Permission.EDIT_PAYMENTS, Permission.MANAGE_PEOPLE,
    }  # fmt: skip
    assert PERMISSIONS[Role.PACKER] == {
        Permission.SEE_ORDERS, Permission.PACK_ORDERS, Permission.TAKE_PAYMENT,
        Permission.EDIT_STOCK,
    }  # fmt: skip
