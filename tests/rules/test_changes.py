"""Looking changes nothing, and a change comes from a form of ours, on this host: finding W2."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.browsers import Browser
from tests.rules.test_routes import SURFACES
from tests.world import tables
from tests.world.cast import AT_HOME, HOSTS, come
from tests.world.routes import Call, Case, Place, calls
from tests.world.story import World

# Stripe writes there, and signs what it writes.
SIGNED = {"hooks.receive"}
SIBLINGS = {
    "site": "http://greenfield.shops.test",
    "app": "http://sheaf.test",
    "ops": "http://app.sheaf.test",
    "shop": "http://hillside.shops.test",
}
REFUSED = {400, 403}
# People come back from Stripe by a link; what Stripe says of them is then asked for and noted.
NOTED = {
    "backoffice.check_stripe_account": {"payment_connections"},
}


@pytest.fixture
def with_csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def changes(app: Flask, surface: str) -> Iterator[Call]:
    """Every route that is there to change something."""
    for call in calls(app, surface):
        if not call.reads and call.rule.endpoint not in SIGNED:
            yield call


def token_of(app: Flask, browser: Browser, surface: str, secret: str) -> str:
    """The browser holds a form's secret; what the form's token is then."""
    interface = app.session_interface
    box = interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own kind
    browser.set_cookie("form", box.dumps({"csrf_token": secret}), domain=HOSTS[surface])
    return str(URLSafeTimedSerializer(app.secret_key or "", salt="wtf-csrf-token").dumps(secret))


@pytest.mark.parametrize("surface", SURFACES)
def test_looking_changes_nothing(
    surface: str, world: World, app: Flask, admin: psycopg.Connection
) -> None:
    own = Place(world, world.greenfield, world.greenfield)
    changed = {}
    for call in calls(app, surface):
        for who in {AT_HOME[surface][0], "nobody"} if call.reads else ():
            browser = come(app, world, who, surface)
            before = tables.digests(admin)
            browser.get(call.address(app, own))
            found = set(tables.changed(before, tables.digests(admin)))
            if found - NOTED.get(call.rule.endpoint, set()):
                changed[f"{who}: {call}"] = found
    assert changed == {}


@pytest.mark.parametrize("surface", SURFACES)
def test_a_change_without_our_token_is_refused(
    surface: str, world: World, app: Flask, admin: psycopg.Connection, with_csrf: None
) -> None:
    """Without one, with one made for somebody else, and with ours from a sibling host."""
    who, host = AT_HOME[surface][0], HOSTS[surface]
    browser = come(app, world, who, surface)
    ours = token_of(app, browser, surface, "a" * 40)
    theirs = token_of(app, Browser(app), surface, "b" * 40)
    before = tables.digests(admin)
    own = Place(world, world.greenfield, world.greenfield)

    def answers(call: Call) -> Iterator[tuple[str, TestResponse]]:
        path = call.address(app, own)
        right = {"csrf_token": ours}
        yield "without a token", browser.post(path)
        yield "with another's token", browser.post(path, data={"csrf_token": theirs})
        for name, value in {
            "Origin": SIBLINGS[surface],
            "Sec-Fetch-Site": "same-site",
        }.items():
            yield f"{name}: {value}", browser.post(path, data=right, headers={name: value})
        yield "Origin: null", browser.post(path, data=right, headers={"Origin": "null"})
        port = {"Origin": f"http://{host}:8001"}
        yield "another port", browser.post(path, data=right, headers=port)

    let_in = [
        f"{call} {how}: {answer.status_code}"
        for call in changes(app, surface)
        for how, answer in answers(call)
        if answer.status_code not in REFUSED
    ]
    assert not let_in, "\n".join(let_in)
    assert tables.changed(before, tables.digests(admin)) == []


@pytest.mark.parametrize("surface", SURFACES)
def test_a_change_with_our_token_is_not(
    surface: str, world: World, app: Flask, admin: psycopg.Connection, with_csrf: None
) -> None:
    """The refusals above would also come if no token ever fitted."""
    own = Place(world, world.greenfield, world.greenfield)
    wrong = {}
    for call in changes(app, surface):
        case = Case(call, AT_HOME[surface][0])
        browser = come(app, world, case.who, surface)
        token = token_of(app, browser, surface, "a" * 40)
        form = world.forms.get(call.rule.endpoint)
        answer = browser.post(
            call.address(app, own),
            data={"csrf_token": token} | (form.filled() if form is not None else {}),
            headers={"Origin": f"http://{HOSTS[surface]}", "Sec-Fetch-Site": "same-origin"},
        )
        if answer.status_code not in case.own:
            wrong[str(call)] = answer.status_code
        tables.put_back(admin)
    assert wrong == {}


def test_only_signed_news_needs_no_token(app: Flask) -> None:
    protection = app.extensions["csrf"]
    assert protection._exempt_views == set()
    assert {blueprint.name for blueprint in protection._exempt_blueprints} == {"hooks"}
