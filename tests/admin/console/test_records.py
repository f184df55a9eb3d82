"""Staff see every shop's records, and looking changes nothing."""

import psycopg
import pytest

from tests.admin.console.test_access import PATHS
from tests.browsers import Browser
from tests.factories.console import Lived

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
