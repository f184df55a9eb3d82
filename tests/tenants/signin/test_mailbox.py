"""The folder of mails that development has instead of a mail server."""

from pathlib import Path

import pytest
from flask import Flask

from kernel.db import transaction
from kernel.scope import PLATFORM_ID, acting_for
from tenants.mail.folder import EmailBackend
from tenants.mail.jobs import write_message
from tenants.mail.queries import get_mail
from tenants.mail.services import post_mail
from tests.conftest import Browser, browse


@pytest.fixture
def delivered(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(app.extensions["mailman"], "file_path", str(tmp_path))
    monkeypatch.setattr("tenants.signin.mailbox._folder", lambda: tmp_path)
    with acting_for(PLATFORM_ID):
        with transaction():
            mail_id = post_mail(
                to="rita@example.org", subject="你的验证码", html="<p>123456<script>x</script></p>",
                text="Code 123456", kind="test",
            )  # fmt: skip
        EmailBackend(mailman=app.extensions["mailman"]).send_messages(
            [write_message(get_mail(mail_id))]
        )
    return str(mail_id)


def test_people_and_scripts_read_it(app: Flask, delivered: str) -> None:
    visitor = browse(app, "sheaf.test")
    page = visitor.get("/dev/mailbox").text
    assert "你的验证码" in page
    assert "Code 123456" in page
    found = visitor.get("/dev/mailbox?to=RITA", headers={"Accept": "application/json"}).json
    assert [mail["text"].strip() for mail in found] == ["Code 123456"]
    none = visitor.get("/dev/mailbox?to=zoe", headers={"Accept": "application/json"}).json
    assert none == []


def test_a_mail_is_shown_without_rights(app: Flask, delivered: str) -> None:
    visitor = browse(app, "sheaf.test")
    answer = visitor.get(f"/dev/mailbox/{delivered}")

    assert "123456" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    for name in ("..%2f..%2fetc", "x", "0" * 36):
        assert visitor.get(f"/dev/mailbox/{name}").status_code == 404


def test_shops_have_no_mailbox(shopper: Browser, delivered: str) -> None:
    assert shopper.get("/dev/mailbox").status_code == 404
