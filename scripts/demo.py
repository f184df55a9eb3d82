"""Sheaf on this machine: servers, Stripe sandbox, web, worker, relay and cron, until Ctrl-C."""

import argparse
import fcntl
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap import PYTHON, ROOT, bootstrap, environment
from processes import Failed, Processes, Stopped, answers, stop_on_signals

USUAL_PORT = 8000
USUAL_SANDBOX_PORT = 8420


@dataclass(frozen=True)
class Plan:
    """Where one run of the demo keeps its data, and where it is reached."""

    instance: Path
    port: int
    sandbox_port: int

    @property
    def environment(self) -> dict[str, str]:
        home, scratch = self.instance / "home", self.instance / "tmp"
        for folder in (home, scratch):
            folder.mkdir(parents=True, exist_ok=True)
        return environment(
            HOME=str(home),
            TMPDIR=str(scratch),
            PYTHONUNBUFFERED="1",
            SHEAF_INSTANCE_DIR=str(self.instance),
            SHEAF_PUBLIC_PORT=str(self.port),
            SHEAF_STRIPE_API_BASE=f"http://127.0.0.1:{self.sandbox_port}",
        )

    def flask(self, *words: str) -> list[str]:
        return [str(PYTHON), "-m", "flask", "--app", "wsgi", *words]

    def web(self) -> list[str]:
        binds = [f"{host}:{self.port}" for _family, host in loopbacks()]
        return [
            str(PYTHON), "-m", "gunicorn", "wsgi:app", "--no-control-socket",
            "--worker-class", "gthread", "--workers", "2", "--threads", "8",
            *(part for bind in binds for part in ("--bind", bind)),
        ]  # fmt: skip

    def sandbox(self) -> list[str]:
        return [
            str(PYTHON), "-m", "billing.sandbox", "--port", str(self.sandbox_port),
            "--state", str(self.instance / "stripe.sqlite"),
            "--webhook", f"http://localhost:{self.port}/hooks/stripe/platform",
            "--connect-webhook", f"http://localhost:{self.port}/hooks/stripe/connect",
        ]  # fmt: skip


def main() -> int:
    asked = arguments()
    stop_on_signals()
    try:
        port = choose_port(asked.port, any_will_do=asked.once is not None)
        bootstrap()
        if Path(sys.prefix) != PYTHON.parents[1]:
            command = [str(PYTHON), "-Es", str(Path(__file__)), *sys.argv[1:]]
            os.execv(command[0], command)  # noqa: S606 - this program again, with its packages
        if asked.once is not None:
            return play_all(asked.once or chapters(), asked.port)
        plan = Plan(ROOT / "instance", port, find_port(USUAL_SANDBOX_PORT))
        with alone_in(plan):
            return stay(plan)
    except Stopped:
        print("\nStopped.")
        return 130 if asked.once is not None else 0
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Run Sheaf with two demo cooperatives on this machine until Ctrl-C.",
    )
    parser.add_argument(
        "--once", nargs="*", metavar="CHAPTER",
        help="play these chapters (all, when none is named) through HTTP, each on a fresh "
        "database, then stop; succeeds only if every step was seen to happen. "
        f"There are: {', '.join(chapters())}",
    )  # fmt: skip
    parser.add_argument("--port", type=int, help=f"instead of {USUAL_PORT} or the next free one")
    asked = parser.parse_args()
    unknown = [name for name in asked.once or [] if name not in chapters()]
    if unknown:
        raise SystemExit(f"No chapter {', '.join(unknown)}. There are: {', '.join(chapters())}.")
    return asked


def chapters() -> list[str]:
    """What can be played: a file is a chapter."""
    folder = ROOT / "scripts" / "chapters"
    return sorted(path.stem for path in folder.glob("[a-z]*.py"))


def loopbacks() -> Iterator[tuple[socket.AddressFamily, str]]:
    """Browsers take *.localhost for ::1 as well as for 127.0.0.1."""
    yield socket.AF_INET, "127.0.0.1"
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return
    yield socket.AF_INET6, "[::1]"


def is_free(port: int) -> bool:
    for family, host in loopbacks():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), port))
            except PermissionError:
                raise SystemExit(
                    f"Port {port} is not open to this user; take one above 1023."
                ) from None
            except OSError:
                return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_port(asked: int | None, *, any_will_do: bool) -> int:
    """The port asked for or one line why not; else the usual one or another that is free."""
    if asked is not None:
        if not 0 < asked < 2**16:
            raise SystemExit(f"--port must be between 1 and 65535, not {asked}.")
        if not is_free(asked):
            raise SystemExit(f"Port {asked} is in use. Leave out --port to have a free one found.")
        return asked
    return free_port() if any_will_do else find_port(USUAL_PORT)


def find_port(usual: int) -> int:
    """The usual port, or the next free one: addresses that people noted go on working."""
    return next((port for port in range(usual, usual + 20) if is_free(port)), 0) or free_port()


@contextmanager
def alone_in(plan: Plan) -> Iterator[None]:
    """A second demo in the same instance would answer with the first one's addresses."""
    plan.instance.mkdir(parents=True, exist_ok=True)
    with (plan.instance / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SystemExit(f"The demo already runs in this folder: {lock.read()}") from None
        lock.truncate(0)
        lock.write(f"http://localhost:{plan.port} (process {os.getpid()})")
        lock.flush()
        yield


@contextmanager
def servers(plan: Plan) -> Iterator[None]:
    """PostgreSQL and Valkey run for as long as this lasts."""
    sys.path.insert(0, str(ROOT))
    from kernel.embedded import EmbeddedFailed, ensure_services, stop_services

    say("Starting PostgreSQL and Valkey")
    try:
        ensure_services(plan.instance)
        yield
    except EmbeddedFailed as failure:
        raise Failed(str(failure)) from failure
    finally:
        stop_services(plan.instance)


@contextmanager
def running(plan: Plan) -> Iterator[tuple[Processes, str]]:
    """Everything runs and is ready, with the two demo cooperatives; and what the seed said."""
    with servers(plan), Processes(plan.environment, ROOT, plan.instance / "log") as processes:
        say("Bringing the database up to date")
        processes.run("upgrade", plan.flask("db", "upgrade"))
        processes.start("sandbox", plan.sandbox(), lambda: listens(plan.sandbox_port))
        say("Loading the demo cooperatives")
        seeded = processes.run("seed", plan.flask("seed", "demo"))
        say("Starting web, worker, relay and cron")
        for name in ("worker", "second worker", "relay", "cron"):
            processes.start(name, plan.flask(name.split()[-1]))
        address, host = f"http://127.0.0.1:{plan.port}/readyz", f"localhost:{plan.port}"
        processes.start("web", plan.web(), lambda: answers(address, host))
        processes.check()
        yield processes, seeded


def stay(plan: Plan) -> int:
    with running(plan) as (processes, seeded):
        print(welcome(plan, seeded), flush=True)
        while True:
            processes.check()
            time.sleep(0.5)


def play_all(names: list[str], port: int | None) -> int:
    """Every chapter is played, also after one has failed; the exit says whether all were seen."""
    failed = [name for name in names if not seen(name, port)]
    if len(names) > 1:
        print(f"Failed: {', '.join(failed)}." if failed else f"All {len(names)} chapters passed.")
    return 1 if failed else 0


def seen(chapter: str, port: int | None) -> bool:
    try:
        return once(chapter, port) == 0
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return False


def once(chapter: str, port: int | None) -> int:
    """Its data goes when all went well, and stays to be looked at when not."""
    folder = ROOT / f"instance/once-{os.getpid()}-{chapter}"
    plan = Plan(folder, port or free_port(), free_port())
    print(f"== {chapter}", flush=True)
    with alone_in(plan), running(plan) as (processes, _seeded):
        status = processes.show([
            str(PYTHON), "scripts/play.py", chapter, "--port", str(plan.port),
            "--sandbox-port", str(plan.sandbox_port),
        ])  # fmt: skip
        processes.check()
    if status == 0:
        shutil.rmtree(plan.instance)
    else:
        print(f"\nLogs and data of this run: {plan.instance}", file=sys.stderr)
    return status


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def say(words: str) -> None:
    print(f"{words} …", flush=True)


def welcome(plan: Plan, seeded: str) -> str:
    places = {
        "Public site and sign-up": f"http://localhost:{plan.port}/",
        "Mails that were sent": f"http://localhost:{plan.port}/dev/mailbox",
        "Logs": str(plan.instance / "log"),
    }
    table = "\n".join(f"  {name:<26}{where}" for name, where in places.items())
    return f"\nSheaf is running. Ctrl-C stops it.\n\n{table}\n\n{seeded.strip()}\n"


if __name__ == "__main__":
    sys.exit(main())
