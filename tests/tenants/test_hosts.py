"""Which shop a request is for: by the Host header alone, and only if it is exactly a known one."""

import contextvars
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from kernel import clock
from kernel.db import transaction
from kernel.web import HOST, canonical_host
from tenants import resolve
from tenants.accounts.models import Hostname, Tenant
from tests.conftest import Browser, browse

SHOP = "greenfield.shops.test"


def ask(app: Flask, host: str, **environ: Any) -> tuple[int, str]:
    """An answer to a raw Host header, past everything that a client library would tidy."""
    wanted = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "80",
        "HTTP_HOST": host, "wsgi.url_scheme": "http", "REMOTE_ADDR": "192.0.2.1",
    }  # fmt: skip
    status: list[str] = []

    def start(line: str, _headers: Any, _info: Any = None) -> Any:
        status.append(line)
        return lambda _data: None

    def call() -> str:
        body = app.wsgi_app(wanted | environ, start)
        try:
            return b"".join(body).decode()
        finally:
            close = getattr(body, "close", None)
            if close:
                close()

    text = contextvars.Context().run(call)
    return int(status[0].split()[0]), text


@pytest.mark.parametrize(
    "host",
    [SHOP, "Greenfield.Shops.TEST", f"{SHOP}.", f"{SHOP}:8000", f"{SHOP}:65535", f"{SHOP}.:80"],
)
def test_the_same_shop_however_its_host_is_written(
    app: Flask, greenfield: Tenant, host: str
) -> None:
    status, page = ask(app, host)

    assert status == 200
    assert "Greenfield Growers" in page


STRANGE = [
    "", " ", ".", "..", "-", ":", ":80", "@", f"@{SHOP}", f"user@{SHOP}", f"user:pass@{SHOP}",
    f"{SHOP}@evil.example", f"{SHOP},hillside.shops.test", f"{SHOP} hillside.shops.test",
    f"{SHOP}:80:80", f"{SHOP}:", f"{SHOP}:x", f"{SHOP}:80@evil.example", f"{SHOP}:-1",
    f"{SHOP}:999999", f"{SHOP}..", "greenfield..shops.test", ".greenfield.shops.test", "a..b",
    f"{SHOP}/", f"{SHOP}/../x", f"{SHOP}?x", f"{SHOP}#x", f"{SHOP}%00", f"{SHOP}\x00",
    f"{SHOP}\r\nX: y", f"{SHOP}\t", f"{SHOP}\\", "[::1]", "[::1]:8000", "::1", "127.0.0.1",
    "127.0.0.1:8000", "0", "0x7f.1", "localhost", "greenfield.shops.test.evil.example",
    "evil-greenfield.shops.test", "x.greenfield.shops.test", "shops.test", ".shops.test",
    "*.shops.test", "%.shops.test", "_.shops.test", "green_field.shops.test",
    "greenfield.shops.test'--", "' OR 1=1 --.shops.test", "greenfield.shopstest",
    "greenfieldshops.test", "ｇreenfield.shops.test", "greenfield。shops.test",
    "greenfıeld.shops.test", "xn--greenfield.shops.test", "a" * 64 + ".shops.test",
    "a." * 130 + "test", "a" * 5000, ".sheaf.shops.test", "app.app.sheaf.test",
    "evil.sheaf.test", "sheaf.test.evil.example", "none", "shop", "site", "app", "ops",
]  # fmt: skip


@pytest.mark.parametrize("host", STRANGE)
def test_any_other_host_is_nobody(
    app: Flask, greenfield: Tenant, hillside: Tenant, host: str
) -> None:
    status, page = ask(app, host)

    assert status == 404
    assert "Greenfield" not in page
    assert "Hillside" not in page


@pytest.mark.parametrize(
    "header",
    ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_ORIGINAL_HOST", "HTTP_X_HOST",
     "HTTP_X_FORWARDED_SERVER", "HTTP_X_ORIGINAL_URL", "HTTP_X_REWRITE_URL"],
)  # fmt: skip
def test_no_other_header_names_the_shop(
    app: Flask, greenfield: Tenant, hillside: Tenant, header: str
) -> None:
    value = "host=hillside.shops.test" if header == "HTTP_FORWARDED" else "hillside.shops.test"
    status, page = ask(app, SHOP, **{header: value})
    assert status == 200
    assert "Hillside" not in page

    assert ask(app, "evil.example", **{header: SHOP})[0] == 404


def test_a_host_of_its_own_counts_once_it_is_verified(app: Flask, greenfield: Tenant) -> None:
    own = Hostname(tenant_id=greenfield.id, host="markt.example")
    with transaction() as session:
        session.add(own)
    assert ask(app, "markt.example")[0] == 404

    with transaction():
        own.verified_at = clock.now()
    resolve.forget_hosts()
    status, page = ask(app, "Markt.example:443")
    assert status == 200
    assert "Greenfield Growers" in page


def test_sheaf_itself_is_no_shop(app: Flask, admin: psycopg.Connection) -> None:
    assert admin.execute("SELECT slug FROM tenants").fetchall() == [(".sheaf",)]
    for host in (".sheaf.shops.test", "sheaf.shops.test", ".sheaf"):
        assert ask(app, host)[0] == 404


@given(st.text(max_size=80))
@example("a:1")
@example("A.B.")
def test_a_canonical_host_is_safe_to_look_up(raw: str) -> None:
    host = canonical_host(raw)

    assert host is None or (HOST.fullmatch(host) and host == host.lower() and len(host) <= 253)
    if host is not None:
        assert canonical_host(host) == host
        assert not set(host) & set("/\\@,:?#%\x00 \r\n'\"")


@given(st.binary(max_size=60))
def test_any_host_gets_an_answer(app: Flask, raw: bytes) -> None:
    status, _page = ask(app, raw.decode("latin-1"))

    assert status == 404


def test_links_in_mails_never_come_from_the_request(app: Flask, greenfield: Tenant) -> None:
    browser: Browser = browse(app, "app.sheaf.test")
    answer = browser.get("/greenfield/", headers={"X-Forwarded-Host": "evil.example"})

    assert answer.location.startswith("/sign-in")
    assert "evil" not in answer.location
