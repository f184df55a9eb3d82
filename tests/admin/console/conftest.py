"""Dora of Sheaf's staff at the console, and something of two shops for her to see."""

from collections.abc import Iterator

import pytest
from flask import Flask

from kernel.headers import cookie_name
from tenants.accounts.models import Tenant
from tenants.sessions.models import Realm
from tenants.sessions.services import open_session
from tenants.staff.services import NewStaff
from tests.browsers import Browser, browse
from tests.factories.console import Lived, live_in
from tests.factories.staff import make_staff
from tests.factories.tenants import PROOF

HOST = "ops.sheaf.test"


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Anyone at all, on the console's host."""
    return browse(app, HOST)


@pytest.fixture
def dora(app: Flask) -> NewStaff:
    return make_staff("Dora")


@pytest.fixture
def console(app: Flask, dora: NewStaff) -> Iterator[Browser]:
    """Dora's browser, signed in."""
    browser = browse(app, HOST)
    token = open_session(
        realm=Realm.STAFF, subject_id=dora.id, device="Test browser", address="192.0.2.7",
        proof=PROOF,
    )  # fmt: skip
    browser.set_cookie(cookie_name("proof"), PROOF, domain=HOST)
    browser.set_cookie(cookie_name("pid"), token, domain=HOST)
    return browser


@pytest.fixture
def green(app: Flask, greenfield: Tenant) -> Lived:
    """Greenfield after some weeks."""
    return live_in(app, greenfield, "Ana")


@pytest.fixture
def hills(app: Flask, hillside: Tenant) -> Lived:
    """Hillside after some weeks."""
    return live_in(app, hillside, "Carol")
