"""The two guards of tenancy, each of which can be switched off from outside, for tests only."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import event
from sqlalchemy.orm import Session

from kernel import scope
from tests.world.tables import tenant_tables

MODES = ("both guards", "filter off", "row security off")
LISTENERS = (
    ("do_orm_execute", scope.stay_inside_the_tenant),
    ("before_flush", scope.never_write_into_another_tenant),
    ("before_attach", scope.never_take_in_another_tenants_row),
)
# Platform tables that carry a tenant's id have no row security to switch.
GUARDED = "SELECT c.relname FROM pg_class c WHERE c.relforcerowsecurity"


@contextmanager
def guards(mode: str, admin: psycopg.Connection) -> Iterator[None]:
    """Inside, only the guards of this mode stand; "no guards" is for red controls."""
    filter_off = mode in ("filter off", "no guards")
    rows_off = mode in ("row security off", "no guards")
    if filter_off:
        for name, listener in LISTENERS:
            event.remove(Session, name, listener)
    if rows_off:
        _row_security(admin, "DISABLE")
    try:
        yield
    finally:
        if rows_off:
            _row_security(admin, "ENABLE")
        if filter_off:
            for name, listener in LISTENERS:
                event.listen(Session, name, listener)


def _row_security(admin: psycopg.Connection, do: str) -> None:
    guarded = {name for (name,) in admin.execute(GUARDED)} & set(tenant_tables(admin))
    admin.execute(";".join(f'ALTER TABLE "{t}" {do} ROW LEVEL SECURITY' for t in sorted(guarded)))
