"""The world that routes are tried in: told once a run, and as it was told before each test."""

import io
import logging
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from billing.sandbox import Sandbox
from tenants import resolve
from tests import database
from tests.world import tables
from tests.world.forms import forms_at_home, twins
from tests.world.story import World, stripe_is, tell


@pytest.fixture(scope="session")
def told(app: Flask, admin: psycopg.Connection) -> Iterator[World]:
    """Greenfield and the neighbour, told once; the rows are put aside for the tests to come."""
    with Sandbox(deliver=False) as sandbox, app.app_context():
        with stripe_is(sandbox):
            told = tell(app, admin, sandbox)
            tables.save(admin)
            told.forms, told.twins = forms_at_home(app, told, admin), twins(told)
        told.untouched = tables.digests(admin, told.hillside.tenant.id)
        database.empty(admin)
        yield told
        tables.forget(admin)


@pytest.fixture
def world(
    told: World, app: Flask, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """As it was told. A mistake is answered as people would see it, and logged."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    tables.put_back(admin)
    resolve.forget_hosts()
    with stripe_is(told.sandbox):
        yield told


@pytest.fixture
def log_lines(app: Flask) -> Iterator[io.StringIO]:
    """Everything that is logged, as it would be written."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)
