"""What is over leaves nothing behind."""

from datetime import timedelta

import psycopg
import pytest
import time_machine
from flask import Flask

from kernel import clock
from kernel.cron import tick
from kernel.scope import acting_for
from tenants.accounts.models import Tenant, TenantState
from tenants.accounts.services import NewShop
from tenants.people.services.passwords import ask_for_reset
from tenants.people.services.sign_ups import Newcomer, start_sign_up
from tenants.sessions.services import open_shopper_session
from tests.factories.tenants import PASSWORD, make_person, sign_in_token
from tests.jobs import run_due_jobs
from wsgi import PERIODIC

TABLES = ("user_sessions", "shopper_sessions", "throttle_counts", "sign_ups", "password_resets")


def left(admin: psycopg.Connection) -> dict[str, int]:
    found = {}
    for table in TABLES:
        row = admin.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        found[table] = row[0]
    return found


def leave_traces(tenant: Tenant) -> None:
    sign_in_token(make_person("Dana"))
    with acting_for(tenant.id):
        open_shopper_session()
    ask_for_reset(email="dana@example.org", language="en", address="192.0.2.1")
    shop = NewShop("Farm", "farm-number-1", "EUR", "Europe/Berlin", ["en"])
    start_sign_up(Newcomer("", "new@example.org", PASSWORD, "en", shop), address="192.0.2.1")


def keep_house(app: Flask) -> None:
    tick(PERIODIC, clock.now() - timedelta(hours=25))
    run_due_jobs(app)


def test_what_ran_out_is_gone(app: Flask, greenfield: Tenant, admin: psycopg.Connection) -> None:
    leave_traces(greenfield)
    before = left(admin)
    keep_house(app)
    assert left(admin) == before

    with time_machine.travel(clock.now() + timedelta(days=100)):
        keep_house(app)
    assert set(left(admin).values()) == {0}


@pytest.mark.parametrize("state", list(TenantState))
def test_the_clock_runs_for_a_shop_in_any_state(
    app: Flask, greenfield: Tenant, hillside: Tenant, admin: psycopg.Connection, state: TenantState
) -> None:
    with acting_for(greenfield.id):
        open_shopper_session()
    admin.execute("UPDATE tenants SET state = %s WHERE id = %s", (state, greenfield.id))
    with time_machine.travel(clock.now() + timedelta(days=91)):
        keep_house(app)
    assert left(admin)["shopper_sessions"] == 0


def test_house_is_kept_once_per_slot(app: Flask, greenfield: Tenant) -> None:
    since = clock.now() - timedelta(hours=25)
    assert tick(PERIODIC, since) > 0
    assert tick(PERIODIC, since) == 0
    assert run_due_jobs(app) > 0
