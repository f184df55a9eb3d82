"""`flask doctor`: is everything as it must be, said line by line; non-zero when it is not."""

import sys
from collections.abc import Callable, Iterable
from datetime import timedelta

import click
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.catalog import problems
from kernel.db import db
from kernel.health import at_head, is_newer
from kernel.i18n import translation_folders
from kernel.jobs import DueJob
from kernel.relay import connect

TOO_OLD = timedelta(minutes=2)
WHO = "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


class PowerfulRoleError(RuntimeError):
    """The app was given a role that could look past row level security."""


def refuse_powerful_roles(engine: Engine) -> None:
    """No connection of the app is ever used with a role that could bypass the second guard."""

    @event.listens_for(engine, "connect")
    def look(connection: object, _record: object) -> None:
        with connection.cursor() as cursor:  # type: ignore[attr-defined]  # a DBAPI connection
            name, powerful = cursor.execute(WHO).fetchone()
        connection.rollback()  # type: ignore[attr-defined]  # ends the look, nothing was written
        if powerful:
            raise PowerfulRoleError(
                f"SHEAF_DATABASE_URL signs in as {name}, which bypasses row level security. "
                "Use sheaf_app."
            )


def register(app: Flask) -> None:
    """Add the command."""

    @app.cli.command("doctor")
    def doctor() -> None:
        """Check settings, database, roles, policies, migrations, Valkey and the queue."""
        ill = False
        for name, check in CHECKS.items():
            complaints = list(check())
            ill = ill or bool(complaints)
            click.echo(f"{'✗' if complaints else '✓'} {name}")
            for sentence in complaints:
                click.echo(f"    {sentence}")
        if ill:
            sys.exit(1)


def _database() -> Iterable[str]:
    for name, engine in db.engines.items():
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except OperationalError as error:
            yield f"{name or 'app'}: {str(error.orig).splitlines()[0]}"


def _isolation() -> Iterable[str]:
    return _ask(problems)


def _ask(question: Callable[[Connection], Iterable[str]]) -> Iterable[str]:
    try:
        with db.engine.connect() as connection:
            return list(question(connection))
    except OperationalError:
        return ["the database does not answer"]


def _migrations() -> Iterable[str]:
    if is_newer():
        return ["the database is newer than this code, which still serves: start the new release"]
    return [] if at_head() else ["the database is behind this code: run flask db upgrade"]


def _valkey() -> Iterable[str]:
    try:
        with connect() as connection:
            connection.ping()
    except RedisError as error:
        yield str(error)


def _queue() -> Iterable[str]:
    try:
        with Session(db.engines["relay"], info={"reads_across_tenants": True}) as session:
            oldest = session.scalars(select(func.min(DueJob.due_at))).one()
    except OperationalError:
        return ["the database does not answer"]
    if oldest is not None and clock.now() - oldest > TOO_OLD:
        return [f"the oldest job waits since {oldest:%Y-%m-%d %H:%M} UTC: are relay and worker up?"]
    return []


def _translations() -> Iterable[str]:
    for folder in translation_folders():
        for source in folder.rglob("*.po"):
            made = source.with_suffix(".mo")
            if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
                yield f"{source.parent.parent.parent.parent.name}: run pybabel compile"


CHECKS: dict[str, Callable[[], Iterable[str]]] = {
    "settings": list,  # read and checked before any command runs
    "database": _database,
    "roles, policies and keys": _isolation,
    "migrations": _migrations,
    "valkey": _valkey,
    "job queue": _queue,
    "translations": _translations,
}
