"""What every test stands on: the app over real services, the cast, and browsers on their hosts."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask

from kernel.db import db
from kernel.embedded import start_valkey
from kernel.settings import Settings
from tenants import resolve
from tenants.accounts.models import Tenant
from tenants.people import passwords
from tenants.people.rules import Role
from tests import database
from tests.browsers import Browser, at_work, browse
from tests.factories import make_tenant
from tests.factories.tenants import make_member
from wsgi import create_app

pytest_plugins = ["tests.limits", "tests.sandbox", "tests.world.fixtures"]
SETTINGS = Settings(
    env="test",
    base_domain="sheaf.test",
    shops_domain="shops.test",
    public_port=None,
    instance_dir=str(database.FOLDER / f"run-{os.getpid()}"),
    redis_url="unix:///nowhere",
)


__all__ = ["Browser", "at_work", "browse"]
# As strong as it must be is too slow for thousands of tests.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def services() -> Iterator[tuple[Settings, Any]]:
    name = f"test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with (
        database.own_database(SETTINGS, name) as (made, server),
        database.connect(server, name) as admin,
    ):
        yield made, admin
    shutil.rmtree(SETTINGS.instance, ignore_errors=True)


@pytest.fixture(scope="session")
def app(services: tuple[Settings, Any]) -> Iterator[Flask]:
    app = create_app(services[0])
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    dispose(app)


def dispose(app: Flask) -> None:
    """No connection of ours is kept: the next one is new."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def admin(services: tuple[Settings, Any]) -> psycopg.Connection:
    """A superuser's connection: to look past every guard, and to take rows back."""
    connection: psycopg.Connection = services[1]
    return connection


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a real Valkey of this worker."""
    server = start_valkey(SETTINGS.instance)
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests commit for real; what they wrote is taken back afterwards."""
    if "app" not in request.fixturenames:
        yield
        return
    app: Flask = request.getfixturevalue("app")
    admin: psycopg.Connection = request.getfixturevalue("admin")
    resolve.forget_hosts()
    with app.app_context():
        yield
    if database.hang_up(admin):
        dispose(app)
    database.empty(admin)


Outbox = list[Any]


@pytest.fixture
def outbox(app: Flask) -> Outbox:
    """The mails that were delivered, in order; each has .to, .subject, .body, .alternatives."""
    app.extensions["mailman"].outbox = delivered = Outbox()
    return delivered


@pytest.fixture
def greenfield(app: Flask) -> Tenant:
    """Ana owns it, Ben packs."""
    return make_tenant("greenfield", name="Greenfield Growers")


@pytest.fixture
def hillside(app: Flask) -> Tenant:
    """Carol owns it, and must never see Greenfield."""
    return make_tenant("hillside", name="Hillside Farms")


@pytest.fixture
def shopper(app: Flask, greenfield: Tenant) -> Browser:
    """A stranger in Greenfield's shop."""
    return browse(app, f"{greenfield.slug}.shops.test")


@pytest.fixture
def neighbour(app: Flask, hillside: Tenant) -> Browser:
    """A stranger in Hillside's shop."""
    return browse(app, f"{hillside.slug}.shops.test")


@pytest.fixture
def ana(app: Flask, greenfield: Tenant) -> Browser:
    """The owner of Greenfield, signed in."""
    return at_work(app, make_member(greenfield, "Ana", role=Role.OWNER))


@pytest.fixture
def ben(app: Flask, greenfield: Tenant) -> Browser:
    """Greenfield's packer, signed in."""
    return at_work(app, make_member(greenfield, "Ben", role=Role.PACKER))


@pytest.fixture
def carol(app: Flask, hillside: Tenant) -> Browser:
    """The owner of Hillside, signed in: a stranger in Greenfield's back office."""
    return at_work(app, make_member(hillside, "Carol", role=Role.OWNER))
