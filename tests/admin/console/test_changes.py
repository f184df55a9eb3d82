"""Staff change a shop with a reason, after seeing what it does, and both audits say so."""

import json

import psycopg
import pytest

from kernel.scope import PLATFORM_ID
from tenants.staff.services import NewStaff
from tests.browsers import Browser, browse
from tests.factories.console import Lived

REASON = "Asked for it on the phone"


def audit(admin: psycopg.Connection, tenant_id: object) -> list[tuple[str, str, str, str]]:
    """What staff did, as a shop's audit (or Sheaf's own) tells it."""
    rows = admin.execute(
        "SELECT action, actor_kind, actor_name, body FROM audit_entries WHERE tenant_id = %s "
        "AND actor_kind = 'staff' ORDER BY number",
        [str(tenant_id)],
    ).fetchall()
    return [(action, kind, name, json.loads(body)["reason"]) for action, kind, name, body in rows]


def state_of(admin: psycopg.Connection, lived: Lived) -> str:
    row = admin.execute("SELECT state FROM tenants WHERE id = %s", [lived.tenant.id]).fetchone()
    assert row is not None
    return str(row[0])


def test_a_suspended_shop_answers_503_until_it_is_resumed(
    console: Browser, green: Lived, hills: Lived, admin: psycopg.Connection
) -> None:
    shop = browse(console.application, "greenfield.shops.test")
    record = green.records["tenants"]
    assert shop.get("/").status_code == 200

    page = console.get(f"{record}/suspension")
    assert "Open orders" in page.text
    answer = console.post(f"{record}/suspension", data={"reason": REASON})
    assert (answer.status_code, answer.location) == (303, record)

    assert shop.get("/").status_code == 503
    assert browse(console.application, "hillside.shops.test").get("/").status_code == 200
    assert audit(admin, green.tenant.id) == [("shop.suspended", "staff", "Dora", REASON)]
    assert audit(admin, PLATFORM_ID) == [("staff.suspended_shop", "staff", "Dora", REASON)]
    assert audit(admin, hills.tenant.id) == []

    console.post(f"{record}/resumption", data={"reason": REASON})
    assert shop.get("/").status_code == 200
    assert [line[0] for line in audit(admin, green.tenant.id)] == ["shop.suspended", "shop.resumed"]


def test_closing_needs_the_address_typed_again(
    console: Browser, green: Lived, admin: psycopg.Connection
) -> None:
    path = f"{green.records['tenants']}/closure"
    for typed in ("", "hillside", "Greenfield"):
        answer = console.post(path, data={"reason": REASON, "confirmation": typed})
        assert answer.status_code == 422
        assert REASON in answer.text
    assert state_of(admin, green) == "active"
    assert audit(admin, PLATFORM_ID) == []

    console.post(path, data={"reason": REASON, "confirmation": "greenfield"})
    assert state_of(admin, green) == "closed"


@pytest.mark.parametrize("reason", ["", "   ", "no", "x" * 501])
def test_a_change_needs_a_reason(
    console: Browser, green: Lived, admin: psycopg.Connection, reason: str
) -> None:
    path = f"{green.records['tenants']}/suspension"
    assert console.post(path, data={"reason": reason}).status_code == 422
    assert state_of(admin, green) == "active"
    assert audit(admin, green.tenant.id) == []


def test_what_does_not_fit_the_state_is_refused(
    console: Browser, green: Lived, admin: psycopg.Connection
) -> None:
    answer = console.post(f"{green.records['tenants']}/resumption", data={"reason": REASON})
    assert answer.status_code == 409
    assert state_of(admin, green) == "active"
    assert "/resumption" not in console.get(green.records["tenants"]).text


def test_a_dead_job_is_ready_again(
    console: Browser, green: Lived, admin: psycopg.Connection
) -> None:
    answer = console.post(f"{green.records['jobs']}/retry", data={"reason": REASON})
    assert answer.status_code == 303
    row = admin.execute("SELECT state, failures FROM jobs WHERE id = %s", [green.job]).fetchone()
    assert row == ("ready", 0)
    assert admin.execute("SELECT 1 FROM due_jobs WHERE id = %s", [green.job]).fetchone()
    assert [line[0] for line in audit(admin, green.tenant.id)] == ["staff.retried_job"]
    again = console.post(f"{green.records['jobs']}/retry", data={"reason": REASON})
    assert again.status_code == 404


def test_an_event_is_taken_up_again(
    console: Browser, green: Lived, admin: psycopg.Connection
) -> None:
    answer = console.post(f"{green.records['provider-events']}/rerun", data={"reason": REASON})
    assert answer.status_code == 303
    row = admin.execute("SELECT state FROM provider_events WHERE id = %s", [green.event]).fetchone()
    assert row == ("received",)
    assert [line[0] for line in audit(admin, green.tenant.id)] == ["staff.reran_event"]


def test_a_record_of_one_shop_is_not_changed_through_another(
    console: Browser, green: Lived, hills: Lived, dora: NewStaff
) -> None:
    mixed = f"/jobs/{hills.tenant.id}/{green.job}"
    assert console.get(mixed).status_code == 404
    assert console.post(f"{mixed}/retry", data={"reason": REASON}).status_code == 404
