"""The database's own catalogue says that tenants are held apart."""

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from kernel import catalog
from kernel.db import Base, db
from kernel.scope import TenantOwned
from kernel.settings import settings

MISTAKES = [
    ("ALTER TABLE jobs NO FORCE ROW LEVEL SECURITY", "jobs: row level security is not forced"),
    ("ALTER TABLE jobs DISABLE ROW LEVEL SECURITY", "jobs: row level security is not forced"),
    ("DROP POLICY tenant ON jobs", "jobs: policies are"),
    ("CREATE POLICY open ON jobs USING (true)", "jobs: policy open has another condition"),
    ("CREATE TABLE loose (id uuid PRIMARY KEY)", "loose: belongs to no tenant"),
    ("CREATE TABLE loose (tenant_id uuid, id uuid PRIMARY KEY)", "loose: key loose_pkey"),
    ("CREATE UNIQUE INDEX one ON jobs (name)", "jobs: unique index one"),
    ("ALTER TABLE jobs ADD COLUMN rate numeric", "jobs.rate: numeric"),
    ("CREATE VIEW all_jobs AS SELECT * FROM jobs", "all_jobs: a view"),
    ("GRANT TRUNCATE ON jobs TO sheaf_app", "jobs: sheaf_app may TRUNCATE"),
    ("GRANT UPDATE ON jobs TO sheaf_staff", "jobs: staff may UPDATE"),
    ("GRANT SELECT ON jobs TO sheaf_relay", "jobs: the relay may SELECT"),
    ("GRANT SELECT ON jobs TO PUBLIC", "jobs: granted to everyone"),
    (
        "CREATE FUNCTION peek() RETURNS bigint SECURITY DEFINER RETURN (SELECT count(*) FROM jobs)",
        "peek(): runs with its owner's rights",
    ),
]


def test_the_catalogue_has_no_complaint(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert catalog.problems(connection) == []


@pytest.mark.parametrize(("mistake", "complaint"), MISTAKES, ids=[m[0][:50] for m in MISTAKES])
def test_each_mistake_is_named(app: Flask, mistake: str, complaint: str) -> None:
    owner = create_engine(settings().owner_database_url, poolclass=NullPool)
    with owner.connect() as connection:
        connection.exec_driver_sql(mistake)
        found = catalog.problems(connection)
        connection.rollback()
    assert any(sentence.startswith(complaint) for sentence in found), found


def test_every_table_belongs_to_a_tenant_or_is_named(app: Flask) -> None:
    platform = {
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if not issubclass(mapper.class_, TenantOwned)
    }
    assert platform == set(catalog.PLATFORM_TABLES) - {"alembic_version"}
