"""What every chapter of the demo stands on: the places of a running Sheaf, steps that are seen.

A step is only ticked when its effect was seen; otherwise the failing answer is raised.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from visitor import Unexpected, Visitor

Seen = TypeVar("Seen")
ROOT = Path(__file__).resolve().parents[1]
GOOD, DECLINED = "4242424242424242", "4000000000000002"
PASSWORD = "four carrots in a row"  # noqa: S105 - of people that live for one run
PATIENCE_SECONDS = 120


class World:
    """Addresses, and what earlier steps have learned."""

    def __init__(self, port: int, sandbox_port: int, slug: str = "") -> None:
        self.port = port
        self.sandbox = f"http://127.0.0.1:{sandbox_port}"
        self.site = f"http://localhost:{port}"
        self.app = f"http://app.localhost:{port}"
        self.ops = f"http://ops.localhost:{port}"
        self.slug = slug or f"lindau-{os.getpid()}"
        self.office = f"{self.app}/{self.slug}"
        self.shop = f"http://{self.slug}.shops.localhost:{port}"
        self.owner, self.neighbour = Visitor(), Visitor("zh-CN")
        self.staff = Visitor()
        self.orders: dict[str, str] = {}
        self.codes: dict[str, str] = {}


@contextmanager
def step(words: str) -> Iterator[None]:
    """One line: what is happening, and when it was seen to have happened, how long it took."""
    started = time.monotonic()
    print(f"  {words:<66}", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" ✗", flush=True)
        raise
    print(f" ✓ {time.monotonic() - started:5.2f} s", flush=True)


def until(look: Callable[[], Seen | None], what: str) -> Seen:
    """The first result that is something; the worker does its part meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise Unexpected(f"waited {PATIENCE_SECONDS} s for {what}")


def mail(world: World, to: str, subject: str) -> dict[str, str]:
    """The newest mail to somebody about something, from the development mailbox."""
    query = urlencode({"to": to, "subject": subject})

    def look() -> dict[str, str] | None:
        page = Visitor().get(f"{world.site}/dev/mailbox?{query}", Accept="application/json")
        mails: list[dict[str, str]] = page.json
        return mails[0] if mails else None

    return until(look, f"a mail to {to} about {subject!r}")


def flask(*words: str) -> str:
    """What one of our commands printed; it runs on the data of this play."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Unexpected(f"flask {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout
