import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from kernel import embedded, keeper
from tests.kernel.embedded.conftest import a_process_holding, ask, servers_below

Start = Callable[[Path], embedded.PostgresHandle]


def test_postgres_answers_on_a_private_socket_and_on_nothing_else(
    folder: Path, start: Start
) -> None:
    postgres = start(folder)

    assert int(ask(postgres, "SHOW server_version_num")) >= 180000
    assert ask(postgres, "SHOW listen_addresses") == ""
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o700


def test_chinese_words_have_trigrams(folder: Path, start: Start) -> None:
    postgres = start(folder)

    ask(postgres, "CREATE EXTENSION pg_trgm")

    assert int(ask(postgres, "SELECT cardinality(show_trgm('有机苹果'))")) == 5


def test_only_a_server_for_tests_may_lose_data_in_a_crash(folder: Path, start: Start) -> None:
    assert ask(start(folder), "SHOW fsync") == "off"

    lasting = embedded.start_postgres(folder / "lasting")
    assert ask(lasting, "SHOW fsync") == "on"
    lasting.stop()


def test_a_stop_leaves_no_process_and_a_restart_keeps_the_data(folder: Path, start: Start) -> None:
    first = start(folder)
    ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()
    assert servers_below(folder) == []

    assert ask(start(folder), "SELECT answer FROM kept") == "42"


def test_two_users_share_one_server_and_the_last_one_stops_it(folder: Path, start: Start) -> None:
    first, second = start(folder), start(folder)
    assert ask(first, "SELECT pg_postmaster_start_time()") == ask(
        second, "SELECT pg_postmaster_start_time()"
    )

    first.stop()
    assert ask(second, "SELECT 1") == "1"
    second.stop()
    assert servers_below(folder) == []


def test_many_processes_starting_at_once_get_one_server(folder: Path) -> None:
    program = (
        "import sys, psycopg; from pathlib import Path; from kernel import embedded;"
        "urls = embedded.ensure_services(Path(sys.argv[1]));"
        "print(embedded.ensure_services(Path(sys.argv[1])) is urls);"
        "url = urls.database_owner.replace('+psycopg', '');"
        "row = psycopg.connect(url).execute('SELECT pg_postmaster_start_time()').fetchone();"
        "print(row, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(5)]  # type: ignore[call-overload]

    seen = {(each.stdout.readline(), each.stdout.readline()) for each in processes}
    for each in processes:
        each.communicate()

    assert len(seen) == 1
    assert {each.returncode for each in processes} == {0}


def test_two_checkouts_do_not_see_each_other(folder: Path, start: Start) -> None:
    here, there = start(folder / "here"), start(folder / "there")

    ask(here, "CREATE TABLE only_here ()")

    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(there, "SELECT count(*) FROM only_here")


def test_a_killed_user_takes_its_server_along_and_nobody_elses(folder: Path, start: Start) -> None:
    other = start(folder / "other")
    process = a_process_holding(folder / "mine")

    process.kill()
    process.communicate()

    assert keeper.wait_until(lambda: not servers_below(folder / "mine"), 120)
    assert ask(other, "SELECT 1") == "1"


def test_a_forked_child_keeps_the_server_while_its_parent_is_gone(folder: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from kernel import embedded;"
        "handle = embedded.start_postgres(Path(sys.argv[1]), durable=False);"
        "sys.exit(0) if os.fork() else (sys.stdin.read(), os._exit(0))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, text=True
    )
    parent.wait()

    other = embedded.start_postgres(folder, durable=False)
    other.stop()
    assert len(servers_below(folder)) > 0
    parent.communicate()
    assert keeper.wait_until(lambda: not servers_below(folder), 120)


def test_valkey_answers_on_a_socket_and_starts_empty(folder: Path) -> None:
    valkey = embedded.start_valkey(folder)
    with redis.Redis.from_url(valkey.url) as client:
        client.set("cart", "1")
    valkey.stop()
    assert servers_below(folder) == []

    again = embedded.start_valkey(folder)
    with redis.Redis.from_url(again.url) as client:
        assert client.get("cart") is None
    again.stop()


def test_a_user_waits_for_a_server_that_is_being_stopped(folder: Path, start: Start) -> None:
    start(folder).stop()
    stopping = os.open(folder / "postgres/users.lock", os.O_RDWR)
    fcntl.flock(stopping, fcntl.LOCK_EX)
    program = (
        "import sys; from pathlib import Path; from kernel import embedded;"
        "embedded.start_postgres(Path(sys.argv[1]), durable=False)"
    )
    waiting = subprocess.Popen([sys.executable, "-c", program, str(folder)])

    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1)
    os.close(stopping)

    assert waiting.wait(120) == 0
