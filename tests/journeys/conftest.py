"""The whole product, started as people start it, and real browsers that look closely."""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from demo import Plan, free_port  # noqa: E402 - scripts are programs, not a package
from world import World  # noqa: E402 - the same

QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--no-first-run", "--disable-quic",
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
SCRIPT_BYTES, STYLE_BYTES = 30_000, 40_000  # ecosystem 3.7, compressed


numbers = count(1)


@dataclass
class Watcher:
    """A person's browser. `look()` examines the page it shows; every request is watched."""

    page: Page
    sandbox: str
    faults: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console at {self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        parts = urlsplit(response.url)
        if not (parts.hostname or "").endswith("localhost") and parts.netloc != self.sandbox:
            self.faults.append(f"third party: {response.url}")
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind in ("text/javascript", "application/javascript", "text/css") and response.ok:
            self.weights[response.url] = len(gzip.compress(response.body()))

    def go(self, url: str) -> "Watcher":
        self.page.goto(url)
        return self.look()

    def look(self) -> "Watcher":
        """No barrier that axe knows, in light and in dark, and nothing wider than the screen."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}})
            for violation in found.response["violations"]:
                nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                self.faults.append(f"{scheme} {self.page.url}: {violation['id']} {nodes}")
        wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        if wide:
            self.faults.append(f"wider than the screen: {self.page.url}")
        return self

    def press(self, selector: str) -> "Watcher":
        """Press what submits or leads on, wait for what comes, and look at it."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        return self.look()

    def light_enough(self) -> None:
        """Scripts and styles of a first visit stay within their budgets."""
        scripts = sum(size for url, size in self.weights.items() if ".js" in url)
        styles = sum(size for url, size in self.weights.items() if ".css" in url)
        assert scripts <= SCRIPT_BYTES, f"{scripts} bytes of scripts"
        assert styles <= STYLE_BYTES, f"{styles} bytes of styles"


@pytest.fixture(scope="session")
def plan() -> Iterator[Plan]:
    made = Plan(ROOT / f"instance/journeys-{os.getpid()}", free_port(), free_port())
    stack = Path(__file__).with_name("stack.py")
    with subprocess.Popen(
        [sys.executable, str(stack), str(made.instance), str(made.port), str(made.sandbox_port)],
        stdout=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        said = ""
        while not said.endswith("ready\n"):
            line = running.stdout.readline()
            assert line, f"the stack did not start:\n{said}"
            said += line
        with pytest.MonkeyPatch.context() as patch:
            for name, value in made.environment.items():
                if name.startswith("SHEAF_"):
                    patch.setenv(name, value)  # for the commands that a journey runs itself
            yield made
        running.terminate()
        running.wait(300)
    shutil.rmtree(made.instance, ignore_errors=True)


@pytest.fixture
def world(plan: Plan) -> World:
    """Addresses of a cooperative that only this test knows."""
    return World(plan.port, plan.sandbox_port, f"shop-{next(numbers)}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "the journeys need Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, plan: Plan) -> Iterator[Callable[..., Watcher]]:
    """Open a browser for one person; at the end nobody may have met a fault."""
    contexts: list[BrowserContext] = []
    people: list[Watcher] = []

    def opened(language: str, screen: dict[str, int], *, scripts: bool = True) -> Watcher:
        context = chromium.new_context(
            locale=LOCALES[language],
            viewport=screen,  # type: ignore[arg-type]  # width and height
            java_script_enabled=scripts,
            reduced_motion="reduce",  # so that no colour is caught half way
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        people.append(Watcher(context.new_page(), f"127.0.0.1:{plan.sandbox_port}"))
        return people[-1]

    yield opened
    for context in contexts:
        context.close()
    assert [fault for person in people for fault in person.faults] == []
