"""Staff see every shop's records, and looking changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from kernel.db import db
from tests.admin.console.test_access import PATHS
from tests.browsers import Browser
from tests.factories import make_tenant
from tests.factories.console import Lived, live_in

KINDS = (
    "tenants", "people", "orders", "payments", "refunds", "usage", "provider-events", "jobs",
    "mails", "audit",
)  # fmt: skip


def everything(admin: psycopg.Connection) -> dict[str, str]:
    """A digest of every table's rows."""
    tables = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {
        table: str(admin.execute(f"SELECT md5(string_agg(t::text, '|')) FROM {table} t").fetchone())
        for (table,) in tables
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_record_opens_and_looking_writes_nothing(
    console: Browser, green: Lived, hills: Lived, admin: psycopg.Connection, language: str
) -> None:
    before = everything(admin)
    for shop in (green, hills):
        for kind, address in shop.records.items():
            answer = console.get(f"{address}?lang={language}")
            assert answer.status_code == 200, f"{kind}: {answer.text}"
    for path in PATHS:
        answer = console.get(path)
        assert answer.status_code == 200 or path.startswith("/search"), f"{path}: {answer.text}"
    assert everything(admin) == before


def test_nothing_of_a_mail_but_its_envelope_is_shown(console: Browser, green: Lived) -> None:
    page = console.get(green.records["mails"]).text
    assert "buyer@greenfield.example" in page
    assert "secret words" not in page


def test_a_list_shows_every_shop_or_the_one_asked_for(
    console: Browser, green: Lived, hills: Lived
) -> None:
    links = [f"/orders/{shop.tenant.id}/{shop.order.id}" for shop in (green, hills)]
    page = console.get("/orders/").text
    assert all(link in page for link in links)
    page = console.get(f"/orders/?tenant_id={green.tenant.id}&state=to_prepare").text
    assert [link in page for link in links] == [True, False]
    page = console.get(f"/orders/?tenant_id={green.tenant.id}&state=collected").text
    assert [link in page for link in links] == [False, False]


@pytest.mark.parametrize("path", PATHS)
def test_more_rows_do_not_mean_more_queries(
    app: Flask, console: Browser, green: Lived, path: str
) -> None:
    def queries() -> int:
        with counted(app) as statements:
            console.get(path)
        return len(statements)

    queries()  # the first look may fill caches
    before = queries()
    for name in ("brook", "ridge"):
        live_in(app, make_tenant(name), name.title())
    assert queries() == before


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that the read role is given meanwhile."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = db.engines["staff"]
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def test_a_chain_that_was_changed_is_named(
    console: Browser, green: Lived, admin: psycopg.Connection
) -> None:
    address = f"/audit/{green.tenant.id}/verification"
    assert "Every entry is as it was written" in console.get(address).text
    admin.execute("SET session_replication_role = replica")
    admin.execute(
        "UPDATE audit_entries SET action = 'order.forged' WHERE tenant_id = %s AND number = 2",
        [green.tenant.id],
    )
    admin.execute("SET session_replication_role = origin")
    assert "Entry 2 is not as it was written" in console.get(address).text
