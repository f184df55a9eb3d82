"""Tries are counted where nothing can lose the count."""

from contextlib import suppress
from threading import Thread

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import DBAPIError

from kernel.db import transaction
from kernel.errors import TooMany
from tenants.sessions.errors import MailboxIsFull, SessionNotFound
from tenants.sessions.throttle import (
    HOUSEHOLDS_OF_A_SITE,
    forget_old_counts,
    forgive,
    note_volume,
    place_of,
    spend,
    spend_from,
    spend_mailbox,
    wrong_tries,
)

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


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
        (None, ""),
        ("localhost", ""),
    ],
)
def test_a_household_is_one_place(address: str | None, place: str) -> None:
    assert place_of(address) == place


def test_a_host_has_one_count_however_many_addresses_it_takes(app: Flask) -> None:
    for number in range(3):
        spend_from("door", f"2001:db8:1:2::{number}", limit=3, minutes=15)
    with pytest.raises(TooMany):
        spend_from("door", "2001:db8:1:2::ffff", limit=3, minutes=15)
    spend_from("door", "2001:db8:1:3::1", limit=3, minutes=15)


def test_a_whole_site_has_a_count_of_its_own(app: Flask) -> None:
    for number in range(HOUSEHOLDS_OF_A_SITE):
        spend_from("door", f"2001:db8:1:{number}::1", limit=1, minutes=15)
    with pytest.raises(TooMany):
        spend_from("door", "2001:db8:1:ff::1", limit=1, minutes=15)
    spend_from("door", "2001:db8:2:1::1", limit=1, minutes=15)


def test_strangers_who_fill_a_mailbox_leave_its_owner_a_mail(app: Flask) -> None:
    for number in range(12):
        spend_mailbox("code", "mia@example.org", f"192.0.2.{number}")
    spend_mailbox("code", "mia@example.org", "198.51.100.1")
    with pytest.raises(MailboxIsFull):
        spend_mailbox("code", "mia@example.org", "198.51.100.1")
    with pytest.raises(MailboxIsFull):
        spend_mailbox("code", "mia@example.org", "192.0.2.3")


def test_what_the_platform_does_is_watched_and_refuses_nobody(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        note_volume("reset", usual=2, minutes=60)
    assert sum("volume_unusual" in line for line in caplog.messages) == 1


def test_a_full_count_is_logged_once_without_the_address(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        with suppress(TooMany):
            spend("door|ana@example.org", limit=1, minutes=15)
    told = [line for line in caplog.messages if "count_full" in line]
    assert len(told) == 1
    assert "ana" not in told[0]


def test_only_wrong_tries_count_where_wrong_ones_do(app: Flask) -> None:
    def try_it(*, right: bool) -> None:
        with wrong_tries("code", limit=2, minutes=15):
            if not right:
                raise SessionNotFound

    for right in (True, True, False, True, False):
        with suppress(SessionNotFound):
            try_it(right=right)
    with pytest.raises(TooMany):
        try_it(right=True)


@pytest.mark.race
def test_no_try_is_lost_among_many_at_once(app: Flask) -> None:
    outcomes: list[bool] = []

    def knock() -> None:
        with app.app_context():
            try:
                spend("door", limit=5, minutes=60)
                outcomes.append(True)
            except TooMany:
                outcomes.append(False)

    threads = [Thread(target=knock) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True] * 5
