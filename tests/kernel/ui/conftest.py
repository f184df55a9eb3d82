"""Macros are rendered by a small app of their own: no database, no host."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from kernel import i18n
from kernel.settings import ROOT

Render = Callable[..., str]


@pytest.fixture(scope="module")
def pages() -> Flask:
    made = Flask("pages", template_folder=str(ROOT / "kernel/templates"))
    made.config.update(SECRET_KEY="for these tests only", WTF_CSRF_CHECK_DEFAULT=False)
    made.jinja_env.undefined = StrictUndefined
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    made.jinja_env.globals.update(
        asset=lambda name: f"/static/{name}", csp_nonce=lambda: "nonce-of-this-answer"
    )
    CSRFProtect(made)
    i18n.init_app(made)
    return made


@pytest.fixture
def render(pages: Flask) -> Render:
    """Render a piece of template at an address; `macros` names what it imports."""

    def rendered(source: str, macros: str = "", at: str = "/list", **context: object) -> str:
        imports = "".join(
            f'{{% from "ui/{name.partition(":")[0]}.html" import {name.partition(":")[2]} %}}'
            for name in macros.split()
        )
        with pages.test_request_context(at):
            return render_template_string(imports + source, **context)

    return rendered


@pytest.fixture
def page() -> SimpleNamespace:
    return SimpleNamespace(number=2, pages=3, first=25, last=48, total=60)
