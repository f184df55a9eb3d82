import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from kernel import embedded, keeper

Started = embedded.PostgresHandle | embedded.ValkeyHandle


def ask(postgres: embedded.PostgresHandle, query: str) -> str:
    """The first column of the first row, over a connection of its own."""
    url = postgres.url().replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(query.encode())
        return str(found.fetchone()[0]) if found.description else ""  # type: ignore[index]


def servers_below(folder: Path) -> list[int]:
    """Process numbers of every server and keeper whose command line names the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = os.fsdecode((process / "cmdline").read_bytes())
        except OSError:
            continue
        if str(folder) in words and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def postmaster(folder: Path) -> int:
    return int((folder / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def keeper_of(folder: Path, name: str) -> int:
    marks = ["keeper.py", str(folder / name)]
    return next(
        pid
        for pid in servers_below(folder)
        if all(mark in Path(f"/proc/{pid}/cmdline").read_text() for mark in marks)
    )


def a_process_holding(folder: Path) -> "subprocess.Popen[str]":
    """Another process of this checkout that uses the server until it is killed."""
    program = (
        "import sys, time; from pathlib import Path; from kernel import embedded;"
        "handle = embedded.start_postgres(Path(sys.argv[1]), durable=False);"
        "print('holding', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An instance folder whose servers are gone after the test, whatever the test did."""
    yield tmp_path / "instance"
    assert keeper.wait_until(lambda: not servers_below(tmp_path), 120), "a server was left behind"


@pytest.fixture
def start() -> Iterator[Callable[[Path], embedded.PostgresHandle]]:
    """Starts PostgreSQL for tests, and lets go of it at the end where the test did not."""
    handles: list[embedded.PostgresHandle] = []

    def start_in(folder: Path) -> embedded.PostgresHandle:
        handles.append(embedded.start_postgres(folder, durable=False))
        return handles[-1]

    yield start_in
    for handle in handles:
        if handle.held:
            handle.stop()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
