"""The record of who did what, and every way of changing it."""

import threading
from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from kernel.db import transaction
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.audit.models import AuditHead
from tenants.audit.queries import Flaw, find_flaw, list_entries
from tenants.audit.rules import chain
from tenants.audit.services import record

ANA = Actor(ActorKind.PERSON, uuid4(), "Ana")


def write(tenant: Tenant, *actions: str) -> None:
    for action in actions:
        with acting_for(tenant.id), acting_as(ANA), transaction():
            record(action=action, subject="42", reason="为什么", price=350)


def flaw(tenant: Tenant) -> Flaw | None:
    with acting_for(tenant.id):
        return find_flaw()


def test_an_act_is_kept_with_who_what_and_why(greenfield: Tenant, hillside: Tenant) -> None:
    write(greenfield, "product.published")

    with acting_for(greenfield.id):
        found = list_entries().rows[0]
    assert (found.actor_name, found.action, found.reason) == ("Ana", "product.published", "为什么")
    assert found.facts == {"price": 350}
    with acting_for(hillside.id):
        assert list_entries().total == 0
    assert flaw(greenfield) is None
    assert flaw(hillside) is None


def fail_after_recording() -> None:
    with transaction():
        record(action="a.b")
        raise ZeroDivisionError


def test_what_is_undone_leaves_no_entry(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        with pytest.raises(ZeroDivisionError):
            fail_after_recording()
        with transaction():
            record(action="c.d")
        assert [entry.action for entry in list_entries().rows] == ["c.d"]
    assert flaw(greenfield) is None


def test_the_app_can_neither_change_nor_delete_an_entry(greenfield: Tenant) -> None:
    write(greenfield, "a.b")

    for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"):
        with acting_for(greenfield.id), pytest.raises(ProgrammingError), transaction() as session:
            session.connection().exec_driver_sql(statement)


def as_if_it_were_a_newer_one(admin: psycopg.Connection) -> None:
    admin.execute(
        "INSERT INTO audit_entries SELECT tenant_id, gen_random_uuid(), 4, at, action, subject, "
        "actor_kind, actor_id, actor_name, salt, body, hash, repeat('ab', 32) FROM audit_entries "
        "WHERE number = 3"
    )


FLIP = "UPDATE audit_entries SET body = replace(body, '350', '351') WHERE number = 2"
SWAP = (
    "UPDATE audit_entries SET number = -number WHERE number < 3; "
    "UPDATE audit_entries SET number = 3 + number WHERE number < 0"
)


def rewrite_one_and_its_link(admin: psycopg.Connection) -> None:
    """What someone would do who knows the format: a new text, its hash, and the next link."""
    rows = admin.execute("SELECT number, body, previous FROM audit_entries").fetchall()
    body, previous = {number: (body, previous) for number, body, previous in rows}[2]
    forged = body.replace("350", "351")
    made = chain(previous, forged)
    admin.execute("UPDATE audit_entries SET body = %s, hash = %s WHERE number = 2", [forged, made])
    admin.execute("UPDATE audit_entries SET previous = %s WHERE number = 3", [made])


TAMPERING: dict[str, tuple[str | Callable[[psycopg.Connection], None], int]] = {
    "flip a letter": (FLIP, 2),
    "flip a column": ("UPDATE audit_entries SET action = 'a.x' WHERE number = 2", 2),
    "blame someone else": ("UPDATE audit_entries SET actor_name = 'Ben' WHERE number = 2", 2),
    "move the time": ("UPDATE audit_entries SET at = at + interval '1 hour' WHERE number = 1", 1),
    "delete the first": ("DELETE FROM audit_entries WHERE number = 1", 1),
    "delete one": ("DELETE FROM audit_entries WHERE number = 2", 2),
    "cut the tail": ("DELETE FROM audit_entries WHERE number = 3", 3),
    "take all": ("DELETE FROM audit_entries", 1),
    "swap two": (SWAP, 1),
    "add one": (as_if_it_were_a_newer_one, 4),
    "rewrite one": (rewrite_one_and_its_link, 3),
    "lose the head": ("DELETE FROM audit_heads", 4),
}  # fmt: skip


@pytest.mark.parametrize(("how", "where"), TAMPERING.values(), ids=list(TAMPERING))
def test_any_change_to_the_past_shows(
    greenfield: Tenant, admin: psycopg.Connection, how: object, where: int
) -> None:
    write(greenfield, "a.b", "c.d", "e.f")
    admin.execute("SET session_replication_role = replica")
    try:
        if isinstance(how, str):
            admin.execute(how)
        else:
            assert callable(how)
            how(admin)
    finally:
        admin.execute("SET session_replication_role = DEFAULT")

    found = flaw(greenfield)
    assert found is not None
    assert found.number == where


def test_a_name_can_be_erased_and_the_chain_still_holds(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    write(greenfield, "a.b", "c.d")
    admin.execute("SET session_replication_role = replica")
    admin.execute("UPDATE audit_entries SET actor_name = '', salt = ''")
    admin.execute("SET session_replication_role = DEFAULT")

    assert flaw(greenfield) is None


def test_the_head_is_locked_last(greenfield: Tenant) -> None:
    with acting_for(greenfield.id), acting_as(ANA):
        with transaction() as session:
            record(action="a.b")
            with session.begin_nested():
                session.flush()
            assert session.scalars(select(AuditHead)).one_or_none() is None
        assert list_entries().total == 1
    assert flaw(greenfield) is None


def test_nothing_is_recorded_that_a_savepoint_may_undo(greenfield: Tenant) -> None:
    with (
        acting_for(greenfield.id),
        transaction() as session,
        session.begin_nested(),
        pytest.raises(AssertionError, match="savepoint"),
    ):
        record(action="a.b")


@pytest.mark.race
def test_many_at_once_make_one_chain(app: Flask, greenfield: Tenant) -> None:
    def work() -> None:
        with app.app_context():
            write(greenfield, "a.b", "c.d", "e.f")

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with acting_for(greenfield.id):
        assert list_entries().total == 18
    assert flaw(greenfield) is None


def test_the_command_names_the_first_bad_entry(
    app: Flask, greenfield: Tenant, hillside: Tenant, admin: psycopg.Connection
) -> None:
    write(greenfield, "a.b", "c.d")
    runner = app.test_cli_runner()
    assert runner.invoke(args=["audit", "verify"]).output == "3 chains are whole\n"

    admin.execute("SET session_replication_role = replica")
    admin.execute("UPDATE audit_entries SET subject = '43' WHERE number = 2")
    admin.execute("SET session_replication_role = DEFAULT")

    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert "greenfield: entry 2: its columns" in result.output
    assert runner.invoke(args=["audit", "verify", "--tenant", "hillside"]).exit_code == 0
    assert runner.invoke(args=["audit", "verify", "--tenant", "nowhere"]).exit_code == 1
