"""Tries are counted where nothing can lose the count."""

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import DBAPIError

from kernel.db import transaction
from kernel.errors import TooMany
from tenants.sessions.throttle import forget_old_counts, forgive, spend

NOON = "2026-11-21 12:00:00+00:00"


def test_the_try_after_the_last_one_is_refused(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            spend("door|ana@example.org", limit=3, minutes=15)
        with pytest.raises(TooMany) as refusal:
            spend("door|ana@example.org", limit=3, minutes=15)
        spend("door|ben@example.org", limit=3, minutes=15)

    assert refusal.value.facts == {"minutes": 15}


def test_later_it_works_again(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        spend("door", limit=1, minutes=15)
    with time_machine.travel("2026-11-21 12:15:00+00:00", tick=False):
        spend("door", limit=1, minutes=15)
        forget_old_counts()
        with pytest.raises(TooMany):
            spend("door", limit=1, minutes=15)


def test_a_right_answer_forgives(app: Flask) -> None:
    spend("door", limit=1, minutes=15)
    forgive("door")
    spend("door", limit=1, minutes=15)


def test_the_table_holds_no_address(app: Flask, admin: psycopg.Connection) -> None:
    spend("door|ana@example.org", limit=1, minutes=15)

    rows = admin.execute("SELECT key FROM throttle_counts").fetchall()
    assert len(rows) == 1
    assert "ana" not in rows[0][0]


def test_a_count_cannot_be_undone_by_the_refusal_it_causes(app: Flask) -> None:
    with transaction(), pytest.raises(AssertionError, match="outlive"):
        spend("door", limit=1, minutes=15)


def test_without_the_count_there_is_no_try(app: Flask, admin: psycopg.Connection) -> None:
    admin.execute("ALTER TABLE throttle_counts RENAME TO gone")
    try:
        with pytest.raises(DBAPIError):
            spend("door", limit=1, minutes=15)
    finally:
        admin.execute("ALTER TABLE gone RENAME TO throttle_counts")
