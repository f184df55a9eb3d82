"""The sandbox's memory: JSON objects per account in SQLite, in memory or in one file."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Thing = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (account, kind, id)
);
CREATE INDEX IF NOT EXISTS things_by_kind ON things (kind, id);
"""


class Store:
    """Every change of one `transaction()` is kept, or none of them. Safe for several threads."""

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield  # joins the outer one
                return
            self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def add(self, account: str, kind: str, thing: Thing) -> Thing:
        self._run(
            "INSERT INTO things (account, kind, id, body) VALUES (?, ?, ?, ?)",
            (account, kind, thing["id"], json.dumps(thing)),
        )
        return thing

    def save(self, account: str, kind: str, thing: Thing) -> Thing:
        self._run(
            "UPDATE things SET body = ? WHERE account = ? AND kind = ? AND id = ?",
            (json.dumps(thing), account, kind, thing["id"]),
        )
        return thing

    def remove(self, account: str, kind: str, thing_id: str) -> None:
        self._run(
            "DELETE FROM things WHERE account = ? AND kind = ? AND id = ?",
            (account, kind, thing_id),
        )

    def find(self, account: str, kind: str, thing_id: str) -> Thing | None:
        rows = self._run(
            "SELECT body FROM things WHERE account = ? AND kind = ? AND id = ?",
            (account, kind, thing_id),
        )
        return _read(rows[0][0]) if rows else None

    def list_all(self, account: str, kind: str) -> list[Thing]:
        """The account's things of one kind, newest first."""
        rows = self._run(
            "SELECT body FROM things WHERE account = ? AND kind = ? ORDER BY seq DESC",
            (account, kind),
        )
        return [_read(row[0]) for row in rows]

    def list_everywhere(self, kind: str) -> list[tuple[str, Thing]]:
        """All accounts' things of one kind with their account, oldest first."""
        rows = self._run("SELECT account, body FROM things WHERE kind = ? ORDER BY seq", (kind,))
        return [(row[0], _read(row[1])) for row in rows]

    def locate(self, kind: str, thing_id: str) -> tuple[str, Thing] | None:
        """A thing by its id alone: for hosted pages, whose address is the secret."""
        rows = self._run(
            "SELECT account, body FROM things WHERE kind = ? AND id = ?", (kind, thing_id)
        )
        return (rows[0][0], _read(rows[0][1])) if rows else None

    def forget_all(self) -> None:
        self._run("DELETE FROM things", ())

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _run(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()


def _read(body: str) -> Thing:
    thing: Thing = json.loads(body)
    return thing
