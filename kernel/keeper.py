"""Keeps one embedded server running while somebody uses it: `keeper.py NAME HOME BINARY [fast]`.

A program of its own, started by kernel/embedded.py: it imports the standard library only, returns
once the server answers, and leaves behind a daemon that stops the server with its last user.
"""

import contextlib
import ctypes
import fcntl
import locale
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Server:
    """How one server is prepared, run, asked and stopped. Paths are relative to its home."""

    command: list[str]
    prepare: Callable[[], None]
    answers: Callable[[], bool]
    stop_signal: signal.Signals


def main(name: str, home: str, binary: str, *options: str) -> int:
    """0 once the server answers, whoever keeps it; otherwise 1 and one line on stderr."""
    os.chdir(home)
    os.umask(0o077)
    server = {"postgres": _postgres, "valkey": _valkey}[name](Path(binary), "fast" in options)
    users = os.open("users.lock", os.O_RDWR)
    life = os.open("keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    daemon = 0
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if not daemon and locked(life, fcntl.LOCK_EX):
            server.prepare()
            daemon = _fork_daemon(server, users)
        if daemon and os.waitpid(daemon, os.WNOHANG) != (0, 0):
            break
        if server.answers():
            return 0
        time.sleep(0.02)
    raise SystemExit(f"{name} could not be started: {_last_words()} (all of it: {home}/server.log)")


def locked(descriptor: int, kind: int) -> bool:
    """Whether the lock could be had at once; if so it is kept."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def keeps(home: Path) -> bool:
    """Whether a keeper lives for this home: it holds its lock until its server has stopped."""
    try:
        probe = os.open(home / "keeper.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not locked(probe, fcntl.LOCK_SH)
    finally:
        os.close(probe)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return met


def _fork_daemon(server: Server, users: int) -> int:
    """The child inherits the lock in keeper.lock, so there is no moment without a keeper."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        log = os.open("server.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for stream in (0, 1, 2):
            os.dup2(log, stream)
        _keep(server, users)
        os._exit(0)
    return pid


def _keep(server: Server, users: int) -> None:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))

    def end_with_keeper() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, server.stop_signal)

    running = subprocess.Popen(  # noqa: S603 - the wheel's server
        server.command,
        preexec_fn=end_with_keeper,  # noqa: PLW1509 - the keeper has one thread
    )
    while running.poll() is None and not asked and not locked(users, fcntl.LOCK_EX):
        time.sleep(0.2)
    for harder in (server.stop_signal, signal.SIGQUIT, signal.SIGKILL):
        if running.poll() is None:
            running.send_signal(harder)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(STOP_SECONDS)
            return


def _last_words() -> str:
    if shutil.disk_usage(".").free < 2**20:
        return "no space is left on the disk"  # nor for the server to say so
    with contextlib.suppress(OSError):
        return _reason(Path("server.log").read_text(errors="replace"))
    return f"no answer within {START_SECONDS} seconds"


def _reason(output: str) -> str:
    """What a server said is wrong, without its time and number; else the last it said."""
    lines = output.strip().splitlines() or [f"no answer within {START_SECONDS} seconds"]
    for mark in ("FATAL: ", "PANIC: ", "error: "):
        for line in lines:
            if mark in line:
                return line.partition(mark)[2].strip()
    return lines[-1]


def _talks(path: str, say: bytes = b"", hear: bytes = b"") -> bool:
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.settimeout(2)
        client.connect(path)
        client.sendall(say)
        return client.recv(len(hear)) == hear if hear else True
    return False


def _valkey(binary: Path, _fast: bool) -> Server:  # noqa: FBT001 - same shape as _postgres
    settings = {
        "port": "0", "unixsocket": "valkey.sock", "unixsocketperm": "700", "save": "",
        "appendonly": "no", "maxclients": "1000", "loglevel": "warning",
    }  # fmt: skip
    return Server(
        command=[str(binary), *(part for key, v in settings.items() for part in (f"--{key}", v))],
        prepare=lambda: None,
        answers=lambda: _talks("valkey.sock", b"PING\r\n", b"+PONG"),
        stop_signal=signal.SIGTERM,
    )


def _postgres(binary: Path, fast: bool) -> Server:  # noqa: FBT001 - from the command line
    data = Path("data").absolute()
    settings = {
        "listen_addresses": "", "unix_socket_directories": ".", "unix_socket_permissions": "0700",
        "max_connections": "200", "shared_buffers": "64MB", "dynamic_shared_memory_type": "mmap",
        "timezone": "UTC", "log_timezone": "UTC", "log_checkpoints": "off", "jit": "off",
        "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "256MB",
    }  # fmt: skip
    if fast:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

    def prepare() -> None:
        _clear_postmaster(data)
        _leave_root(binary)
        if not data.exists():
            _make_cluster(binary.with_name("initdb"), fast=fast)

    return Server(
        command=[str(binary), "-D", str(data), *(f"--{k}={v}" for k, v in settings.items())],
        prepare=prepare,
        answers=lambda: _talks("data/.s.PGSQL.5432") and _is_ready(data),
        stop_signal=signal.SIGINT,
    )


def _is_ready(data: Path) -> bool:
    with contextlib.suppress(OSError):
        return (data / "postmaster.pid").read_text().rstrip().endswith("ready")
    return False


def _make_cluster(initdb: Path, *, fast: bool) -> None:
    """A whole new cluster or none: it takes its name when it is complete."""
    shutil.rmtree("data.new", ignore_errors=True)
    made = subprocess.run(  # noqa: S603 - the wheel's program
        [
            initdb, "-D", "data.new", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            f"--lc-ctype={_character_types()}", *(["--no-sync"] if fast else []),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        shutil.rmtree("data.new", ignore_errors=True)
        raise SystemExit(f"postgres could not be started: {_reason(made.stderr)}")
    Path("data.new").rename("data")


def _character_types() -> str:
    """With plain C, trigram search would see no letters in Chinese words."""
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            return locale.setlocale(locale.LC_CTYPE, name)
    return "C"


def _clear_postmaster(data: Path) -> None:
    """Stop a server that lost its keeper, or forget one that died: its process number may belong
    to another process by now, and PostgreSQL would refuse to start because of that one.
    """
    note = data / "postmaster.pid"
    if not note.exists():
        return
    pid = int(note.read_text().partition("\n")[0] or 0)

    def gone() -> bool:
        return str(data) not in _command_line(pid)

    for harder in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not gone():
            os.kill(pid, harder)
            wait_until(gone, STOP_SECONDS)
    note.unlink(missing_ok=True)


def _command_line(pid: int) -> list[str]:
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        return []
    asked = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout.split()


def _leave_root(binary: Path) -> None:
    """PostgreSQL refuses root. Take the name of somebody else without changing any file's owner;
    where that is not allowed, or the folder is somebody's, become that user for good.
    """
    if os.geteuid() != 0:
        return
    home = Path.cwd()
    owner = next((uid for path in (home, *home.parents) if (uid := path.stat().st_uid) != 0), 0)
    if not owner and _in_child(_enter_user_namespace):
        _enter_user_namespace()
        return
    with contextlib.suppress(OSError, KeyError):
        user = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
        for path in (home, *home.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        if os.access(home, os.X_OK) and os.access(binary, os.X_OK):
            return
    raise SystemExit(
        "PostgreSQL does not run as root, and no other user can reach this folder here: "
        "run this as a normal user, or set SHEAF_DATABASE_URL to a server of your own."
    )


def _enter_user_namespace() -> None:
    """In a user namespace of our own root is seen as another user, and still owns its files."""
    other = next(user for user in pwd.getpwall() if user.pw_uid)
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        raise OSError("user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{other.pw_uid} 0 1")
    Path("/proc/self/gid_map").write_text(f"{other.pw_gid} 0 1")


def _in_child(attempt: Callable[[], None]) -> bool:
    """Whether a copy of this process can do it: half of it could not be undone here."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(OSError, AttributeError):
            attempt()
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
