"""The headers of answers that no view gives: refusals, mistakes, files, hosts of nobody."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from kernel.assets import asset
from kernel.policy import declare, policy_of
from kernel.settings import settings, use
from tests.browsers import Browser, browse
from tests.rules.routes_headers import flaws
from tests.world.cast import AT_HOME, HOSTS, come
from tests.world.story import World

Ask = Callable[[Browser], TestResponse]
ASKED: dict[str, tuple[int, Ask]] = {
    "a page that is not there": (404, lambda b: b.get("/no-such-page/at-all")),
    "a folder of the server": (404, lambda b: b.get("/.git/config")),
    "a method that is not there": (405, lambda b: b.delete("/sign-in")),
    "trace": (405, lambda b: b.open("/sign-in", method="TRACE")),
    "a form from elsewhere": (403, lambda b: b.post("/sign-in", headers={"Origin": "null"})),
    "a form without its token": (400, lambda b: b.post("/sign-in")),
    "a form beyond all bounds": (
        413,
        lambda b: b.post("/sign-in", data={"email": "a" * 3_000_000}),
    ),
    "a NUL": (404, lambda b: b.get("/sign-in%00")),
    "a file that is not there": (404, lambda b: b.get("/static/none/css/sheaf.css")),
    "only the headers": (200, lambda b: b.head("/sign-in")),
    "what can be done": (200, lambda b: b.options("/sign-in")),
}


@pytest.mark.parametrize("surface", ["app", "ops", "shop"])
@pytest.mark.parametrize("what", ASKED)
def test_every_refusal_has_the_headers(
    what: str, surface: str, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    status, ask = ASKED[what]
    answer = ask(browse(app, HOSTS[surface]))
    assert answer.status_code == status
    assert list(flaws(answer)) == []
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "host", ["nobody.example", "other.shops.test", "shops.test", "[::1]", "a b"]
)
def test_a_host_of_nobody_has_them_too(host: str, world: World, app: Flask) -> None:
    answer = browse(app, "sheaf.test").get("/", headers={"Host": host})
    assert answer.status_code == 404
    assert list(flaws(answer)) == []


@pytest.mark.parametrize("surface", AT_HOME)
def test_a_mistake_of_ours_shows_a_page_and_no_secrets(
    surface: str, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("a password in a message")

    endpoint = {
        "site": "site.show_landing", "app": "account.show_account", "ops": "console_home.index",
        "shop": "shop.show_home",
    }[surface]  # fmt: skip
    path = {"app": "/account"}.get(surface, "/")
    policy = policy_of(app, endpoint)
    assert policy is not None
    monkeypatch.setitem(app.view_functions, endpoint, declare(policy)(broken))
    answer = come(app, world, AT_HOME[surface][0], surface).get(path)
    assert answer.status_code == 500
    assert "a password in a message" not in answer.text
    assert "Traceback" not in answer.text
    assert list(flaws(answer)) == []


@pytest.mark.parametrize("name", ["css/sheaf.css", "js/sheaf.js", "img/favicon.svg"])
def test_a_file_is_kept_for_ever_and_runs_nothing(name: str, app: Flask) -> None:
    answer = browse(app, "sheaf.test").get(asset(name), buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there(world: World, app: Flask) -> None:
    before = settings()
    use(replace(before, public_scheme="https"))
    try:
        answer = browse(app, "sheaf.test").get("/sign-up?lang=zh")
    finally:
        use(before)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["Set-Cookie"].startswith("__Host-lang=zh; Expires=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(answer.headers["Set-Cookie"].split("; "))
