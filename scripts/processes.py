"""Runs a handful of processes together: in order, each ready before the next, none left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

READY_SECONDS = 180
STOP_SECONDS = 15
LAST_LINES = 15
SHOWN = "what the reader watches"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Stopped(Exception):
    """Ctrl-C, or a signal that asks the same."""


class Failed(Exception):
    """A process ended that should not have; the text ends with what it logged last."""


@dataclass
class Processes:
    """Children of this process, each with its log file. Used as a context: all end with it."""

    environment: dict[str, str]
    folder: Path
    logs: Path
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __enter__(self) -> "Processes":
        self.logs.mkdir(parents=True, exist_ok=True)
        # Grandchildren whose parent dies become ours, so that the end finds them.
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        return self

    def __exit__(self, *_reason: object) -> None:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in STOP_SIGNALS}
        for process in reversed(self.running.values()):
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for process in reversed(self.running.values()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        _bury_orphans()
        _prctl(PR_SET_CHILD_SUBREAPER, 0)  # daemons that are started later are not ours to bury
        for number, handler in before.items():
            signal.signal(number, handler)

    def run(self, name: str, command: list[str]) -> str:
        """What the command printed; raises Failed when it did not succeed."""
        self.start(name, command)
        process = self.running[name]
        status = process.wait()
        del self.running[name]
        if status != 0:
            raise Failed(self._obituary(name, status))
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def show(self, command: list[str]) -> int:
        """Run a command whose words go to the reader as they come, while all others live."""
        process = self._open(SHOWN, command, None)
        while (status := process.poll()) is None:
            self.check()
            time.sleep(0.1)
        del self.running[SHOWN]
        return status

    def start(self, name: str, command: list[str], ready: Callable[[], bool] | None = None) -> None:
        """The process runs, and is ready where that can be asked."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            self._open(name, command, output)
        end = time.monotonic() + READY_SECONDS
        while ready is not None and not ready():
            self.check()
            if time.monotonic() > end:
                raise Failed(f"{name} is not ready after {READY_SECONDS} s.\n{self._tail(name)}")
            time.sleep(0.1)

    def _open(
        self, name: str, command: list[str], output: IO[bytes] | None
    ) -> "subprocess.Popen[bytes]":
        self.running[name] = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT if output else None, start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread
        )  # fmt: skip
        return self.running[name]

    def check(self) -> None:
        """Raises Failed when a process has ended."""
        for name, process in self.running.items():
            status = process.poll()
            if status is not None and name != SHOWN:
                raise Failed(self._obituary(name, status))

    def _obituary(self, name: str, status: int) -> str:
        how = f"exit status {status}" if status >= 0 else f"{signal.Signals(-status).name}"
        log = self.logs / f"{name}.log"
        return f"{name} ended with {how}. The end of {log}:\n{self._tail(name)}"

    def _tail(self, name: str) -> str:
        lines = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"  | {line}" for line in lines[-LAST_LINES:] or ["(nothing)"])


def answers(url: str, host: str) -> bool:
    """Whether this address answers with 200 for this host."""
    request = urllib.request.Request(url, headers={"Host": host})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=5) as response:
            return bool(response.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (urllib.error.URLError, OSError):
        return False


def stop_on_signals() -> None:
    """From now on Ctrl-C, a kill or a closed terminal raise Stopped."""

    def stop(_number: int, _frame: object) -> None:
        raise Stopped

    for number in STOP_SIGNALS:
        signal.signal(number, stop)


def _end_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _bury_orphans() -> None:
    """End what our children left to us. Only Linux hands orphans over; elsewhere there are none."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children")
    while children.exists() and (left := children.read_text().split()):
        for pid in left:
            os.kill(int(pid), signal.SIGKILL)
            os.waitpid(int(pid), 0)
