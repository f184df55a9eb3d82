"""While the database is away everything says so with 503; when it is back everything works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from psycopg import errors
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.test import TestResponse

from kernel.db import db
from kernel.outage import is_outage
from tenants import resolve
from tests.browsers import Browser, browse
from tests.conftest import dispose
from tests.world.cast import AT_HOME, come
from tests.world.routes import Place, all_calls
from tests.world.story import World

WORDS = "We are away for a moment"
# Pages that everybody needs the database for.
ASKING = {
    "shop.show_home", "shop.show_cart", "backoffice.show_today", "backoffice.list_orders",
    "console_home.index", "console_orders.index_view",
}  # fmt: skip
TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def database_away(app: Flask) -> Iterator[None]:
    """Nothing listens where the database was, and what was connected is cut off."""

    def refuse(*_args: Any) -> NoReturn:
        raise psycopg.OperationalError("connection refused")

    with app.app_context():
        engines = list(db.engines.values())
    dispose(app)
    resolve.forget_hosts()
    for engine in engines:
        event.listen(engine, "do_connect", refuse)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "do_connect", refuse)


def is_away(answer: TestResponse) -> bool:
    """Whether an answer is what the outage of the database looks like."""
    words = WORDS in answer.text or answer.is_json
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0 and words


@pytest.fixture
def visible(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake is answered as people would see it."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.mark.parametrize("surface", ["site", "app", "shop", "ops"])
def test_no_surface_answers_500_or_a_bare_page_while_the_database_is_away(
    app: Flask, world: World, surface: str
) -> None:
    who = AT_HOME[surface][0]
    browser = come(app, world, who, surface)
    place = Place(world, world.greenfield, world.greenfield)
    asked = [
        (call, call.address(app, place), world.forms.get(call.rule.endpoint))
        for call in all_calls(app)
        if call.surface == surface and not call.unknown
    ]
    seen, wrong = set(), []
    with database_away(app):
        for call, path, form in asked:
            if call.rule.endpoint == "health.ready":
                continue
            data = form.filled() if form is not None and not call.reads else None
            answer = browser.open(path, method=call.method, data=data)
            if is_away(answer):
                seen.add(call.rule.endpoint)
            elif answer.status_code >= 500 or call.rule.endpoint in ASKING:
                wrong.append(f"{call}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
    expected = {name for name in ASKING if any(c.rule.endpoint == name for c, _, _ in asked)}
    assert expected <= seen


def test_a_webhook_that_cannot_be_kept_is_answered_503(app: Flask, visible: None) -> None:
    signed = {"Stripe-Signature": "t=1,v1=00"}
    with database_away(app):
        answer = browse(app, "sheaf.test").post(
            f"/hooks/stripe/{uuid4()}", data=b"{}", headers=signed
        )
    assert is_away(answer)
    assert answer.is_json


def test_after_the_outage_the_first_requests_of_every_surface_work(
    app: Flask, admin: psycopg.Connection, world: World
) -> None:
    pages = [
        (come(app, world, AT_HOME[surface][0], surface), path)
        for surface, path in [("shop", "/"), ("ops", "/"), ("ops", "/orders/"), ("site", "/")]
    ]
    for browser, path in pages:
        assert browser.get(path).status_code == 200  # their connections wait in the pools
    admin.execute(TERMINATE)  # as a restart of the server does
    resolve.forget_hosts()
    assert [browser.get(path).status_code for browser, path in pages] == [200] * len(pages)
    with app.app_context(), db.engines["relay"].connect() as relay:
        assert relay.exec_driver_sql("SELECT 1").scalar() == 1


@pytest.mark.parametrize(
    ("surface", "path"), [("shop", "/"), ("shop", "/nothing-here"), ("app", None), ("ops", "/")]
)
def test_whichever_query_the_database_dies_after_the_answer_is_whole_or_503(
    app: Flask, admin: psycopg.Connection, world: World, surface: str, path: str | None
) -> None:
    browser = come(app, world, AT_HOME[surface][0], surface)
    path = path or f"/{world.greenfield.tenant.slug}/"
    usual = browser.get(path).status_code
    assert usual in {200, 404}
    statuses = []
    for last in range(1, 60):
        with dying_after(last, admin) as died:
            resolve.forget_hosts()
            answer = browser.get(path)
        assert answer.status_code == usual or is_away(answer), f"{last}: {answer.text[:300]}"
        assert "<main" in answer.text
        statuses.append(answer.status_code)
        if not died:
            break
    assert not died
    assert 503 in statuses


@contextmanager
def dying_after(last: int, admin: psycopg.Connection) -> Iterator[list[int]]:
    """The database ends all connections after so many statements, and refuses new ones."""
    count, died = [0], []

    def refuse(*_args: Any) -> NoReturn:
        raise psycopg.OperationalError("connection refused")

    def die(*_args: Any) -> None:
        count[0] += 1
        if count[0] == last:
            admin.execute(TERMINATE)
            died.append(last)
            for engine in engines:
                event.listen(engine, "do_connect", refuse)

    engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "after_cursor_execute", die)
    try:
        yield died
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", die)
            if died:
                event.remove(engine, "do_connect", refuse)


@pytest.mark.parametrize(
    ("kind", "passing"),
    [
        (errors.OperationalError, True),
        (errors.AdminShutdown, True),
        (errors.CannotConnectNow, True),
        (errors.TooManyConnections, True),
        (errors.IdleInTransactionSessionTimeout, True),
        (errors.ReadOnlySqlTransaction, True),
        (errors.LockNotAvailable, True),
        (errors.QueryCanceled, True),
        (errors.InterfaceError, True),
        (errors.InFailedSqlTransaction, False),
        (errors.ProgramLimitExceeded, False),
        (errors.UniqueViolation, False),
        (errors.UndefinedTable, False),
        (errors.InvalidTextRepresentation, False),
    ],
)
def test_what_passes_by_itself_is_an_outage_and_what_we_did_wrong_is_not(
    kind: type[psycopg.Error], passing: bool
) -> None:
    raised = DBAPIError.instance("SELECT 1", {}, kind("broken"), psycopg.Error)
    assert is_outage(raised) is passing


def test_a_pool_that_is_used_up_is_an_outage_and_a_mistake_of_ours_is_not() -> None:
    assert is_outage(PoolTimeoutError("QueuePool limit"))
    assert not is_outage(TimeoutError("a socket's"))
    assert not is_outage(KeyError("x"))
    assert not is_outage(None)


@pytest.mark.parametrize(
    ("kind", "status"),
    [(errors.IdleInTransactionSessionTimeout, 503), (errors.InFailedSqlTransaction, 500)],
)
def test_a_view_that_meets_it_answers_in_our_words(
    app: Flask, shopper: Browser, visible: None, monkeypatch: pytest.MonkeyPatch,
    kind: type[psycopg.Error], status: int,
) -> None:  # fmt: skip
    def fail(**_values: object) -> NoReturn:
        raise DBAPIError.instance("SELECT 1", {}, kind("broken"), psycopg.Error)

    monkeypatch.setitem(app.view_functions, "shop.show_home", policy_kept(app, fail))
    answer = shopper.get("/")
    assert answer.status_code == status
    assert (WORDS in answer.text) is (status == 503)
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "<main" in answer.text


def policy_kept(app: Flask, fail: Callable[..., NoReturn]) -> Callable[..., NoReturn]:
    vars(fail).update(vars(app.view_functions["shop.show_home"]))
    return fail


def test_a_stranger_host_is_503_while_nobody_can_tell_whose_it_is(
    app: Flask, visible: None
) -> None:
    browser = browse(app, "market.example")
    with database_away(app):
        assert is_away(browser.get("/"))
    assert browser.get("/").status_code == 404  # it was not remembered as nobody's
