"""A query that is broken off, by a time limit or a signal, spoils nothing that comes later."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from kernel.db import db, transaction
from kernel.scope import acting_for
from tenants.accounts.models import ShopProfile, Tenant
from tests import database
from tests.limits import cpu_limit


class Interrupted(Exception):
    """What rq's time limit raises wherever the program stands: an ordinary exception.

    SQLAlchemy itself throws the connection away for those that are not, such as Ctrl-C.
    """


@contextmanager
def interrupted(admin: psycopg.Connection) -> Iterator[None]:
    """As soon as a query of ours sleeps in the database, we are interrupted."""

    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise Interrupted

    def watch() -> None:
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while not admin.execute(asleep).fetchone():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        watcher.join()
        signal.signal(signal.SIGUSR1, before)


def rename_slowly() -> None:
    with transaction() as session:
        session.scalars(select(ShopProfile)).one().name = "Half done"
        session.execute(select(func.pg_sleep(600)))


def test_a_transaction_interrupted_in_mid_query_says_so_and_the_next_one_works(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with acting_for(greenfield.id):
        with pytest.raises(Interrupted), interrupted(admin):
            rename_slowly()
        with transaction() as session:
            assert session.scalars(select(ShopProfile.name)).one() == "Greenfield Growers"


def test_a_connection_interrupted_in_mid_query_never_goes_back_to_the_pool(
    app: Flask, admin: psycopg.Connection
) -> None:
    for engine in db.engines.values():
        with pytest.raises(Interrupted), interrupted(admin), engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(600)")

        with engine.connect() as connection, engine.connect() as other:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1
            assert other.exec_driver_sql("SELECT 1").scalar() == 1
        database.hang_up(admin)


def test_a_page_interrupted_while_it_reads_leaves_no_connection_at_work(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with pytest.raises(Interrupted), interrupted(admin), acting_for(greenfield.id):
        db.session.execute(select(func.pg_sleep(600)))

    for _ in range(3):
        with acting_for(greenfield.id):
            assert db.session.scalars(select(ShopProfile.name)).one() == "Greenfield Growers"


def test_a_connection_that_was_used_well_is_kept(app: Flask) -> None:
    db.engine.dispose()
    pids = set()
    for _ in range(3):
        with db.engine.connect() as connection:
            pids.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())

    assert len(pids) == 1


def test_locks_of_a_test_that_was_stopped_do_not_reach_the_next_one(
    greenfield: Tenant, admin: psycopg.Connection
) -> None:
    with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string()) as left:
        left.execute("SELECT set_config('app.tenant_id', %s, false)", [str(greenfield.id)])
        left.execute("SELECT * FROM shop_profiles FOR UPDATE")

        assert database.hang_up(admin) == 1
        assert database.hang_up(admin) == 0
        database.empty(admin)
        left.close()


def compute_for_ever() -> NoReturn:
    while True:
        pass


def test_a_limit_is_computing_time_so_that_waiting_for_a_busy_machine_costs_nothing() -> None:
    with cpu_limit(0.2):
        time.sleep(0.5)
    with pytest.raises(pytest.fail.Exception, match="CPU"), cpu_limit(0.2):
        compute_for_ever()
