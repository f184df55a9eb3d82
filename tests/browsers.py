"""Browsers of the tests: on one host, with the cookies they were given."""

import contextvars
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.people.models import Person
from tests.factories.tenants import PROOF, sign_in_token


class Browser(FlaskClient):
    """A browser on one host; no request inherits the test's session or tenant."""

    base_url = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", self.base_url)
        return contextvars.Context().run(super().open, *args, **kwargs)


def main_of(page: str) -> str:
    """What a page says, without the form tokens, which change with every second."""
    main = page.partition("<main")[2]
    return re.sub(r'name="csrf_token" value="[^"]*"', "", main)


def browse(app: Flask, host: str, *, address: str = "127.0.0.1") -> Browser:
    """A new browser, without cookies, on a host, coming from an address."""
    browser = Browser(app)
    browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": address}
    browser.base_url = f"http://{host}"
    return browser


def at_work(app: Flask, person: Person) -> Browser:
    """A browser in which this person is signed in, on the back office's host."""
    browser = browse(app, "app.sheaf.test")
    browser.set_cookie("mid", sign_in_token(person), domain="app.sheaf.test")
    browser.set_cookie("proof", PROOF, domain="app.sheaf.test")
    return browser
