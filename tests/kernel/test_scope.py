"""The two guards under every query."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from kernel.db import db, transaction
from kernel.scope import NoTenant, OutsideTheFilter, acting_for
from tenants.accounts.models import ShopProfile, Tenant


def test_a_query_sees_only_the_tenant_acted_for(greenfield: Tenant, hillside: Tenant) -> None:
    with acting_for(greenfield.id):
        names = db.session.scalars(select(ShopProfile.name)).all()
    assert names == ["Greenfield Growers"]


def test_nobody_sees_nothing_and_loudly(greenfield: Tenant) -> None:
    with pytest.raises(NoTenant):
        db.session.scalars(select(ShopProfile)).all()
    assert db.session.scalar(select(func.count()).select_from(ShopProfile)) == 0


def test_text_and_tables_are_refused(greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        with pytest.raises(OutsideTheFilter):
            db.session.execute(text("SELECT 1"))
        with pytest.raises(OutsideTheFilter):
            db.session.execute(select(ShopProfile.__table__))


def test_the_database_guards_without_the_filter(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    with acting_for(greenfield.id), transaction() as session:
        rows = session.connection().exec_driver_sql("SELECT name FROM shop_profiles").all()
        assert [row.name for row in rows] == ["Greenfield Growers"]
        done = session.connection().exec_driver_sql("UPDATE shop_profiles SET name = 'mine'")
        assert done.rowcount == 1


def test_a_row_cannot_be_written_for_the_neighbour(greenfield: Tenant, hillside: Tenant) -> None:
    with acting_for(greenfield.id), pytest.raises(ProgrammingError), transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO announcements (tenant_id, id, topic, facts, announced_at) "
            f"VALUES ('{hillside.id}', gen_random_uuid(), 'x', '{{}}', now())"
        )


def test_one_transaction_serves_one_tenant(greenfield: Tenant, hillside: Tenant) -> None:
    with (
        acting_for(greenfield.id),
        transaction(),
        acting_for(hillside.id),
        pytest.raises(AssertionError, match="one tenant"),
        transaction(),
    ):
        pass


def test_the_superuser_sees_both(
    admin: psycopg.Connection, greenfield: Tenant, hillside: Tenant
) -> None:
    found = admin.execute("SELECT count(*) FROM shop_profiles").fetchone()
    assert found == (2,)
