"""Mails leave after the commit, once, and tell nothing to those who look later."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from kernel import clock
from kernel.db import db, transaction
from kernel.outbox import Watch
from kernel.scope import acting_for
from kernel.settings import settings
from tenants.accounts.models import Tenant
from tenants.mail.folder import EmailBackend
from tenants.mail.jobs import deliver_mail, write_message
from tenants.mail.models import MailState
from tenants.mail.queries import get_mail, list_mails_about
from tenants.mail.rules import defang, mail_config
from tenants.mail.services import forget_old_mails, post_mail
from tests.conftest import Outbox
from tests.jobs import run_due_jobs


def post(tenant: Tenant, **changed: Any) -> UUID:
    letter: dict[str, Any] = {
        "to": "mia@example.org",
        "subject": "Your order",
        "html": "<style>p { color: green }</style><p>Carrots</p>",
        "text": "Carrots",
        "kind": "order_placed",
        "reference": "42",
        "from_name": "绿野合作社",
        "reply_to": "ana@greenfield.example",
    }
    with acting_for(tenant.id), transaction():
        return post_mail(**letter | changed)


def test_a_mail_leaves_after_the_commit(app: Flask, greenfield: Tenant, outbox: Outbox) -> None:
    post(greenfield)
    assert list(outbox) == []

    run_due_jobs(app)

    (mail,) = outbox
    assert mail.to == ["mia@example.org"]
    made = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert made["From"] == "绿野合作社 <no-reply@sheaf.localhost>"
    assert made["Reply-To"] == "ana@greenfield.example"
    assert 'style="color: green' in mail.alternatives[0][0]
    with acting_for(greenfield.id):
        (kept,) = list_mails_about("42")
        assert kept.state is MailState.SENT
        assert kept.text == "Carrots"


def test_what_is_undone_is_never_sent(app: Flask, greenfield: Tenant, outbox: Outbox) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after_posting(greenfield)

    run_due_jobs(app)
    assert list(outbox) == []


def fail_after_posting(tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        post_mail(to="a@b.example", subject="s", html="<p>h</p>", text="t", kind="k")
        raise ZeroDivisionError


def test_a_second_run_sends_nothing(app: Flask, greenfield: Tenant, outbox: Outbox) -> None:
    mail_id = post(greenfield)
    run_due_jobs(app)

    with acting_for(greenfield.id):
        deliver_mail(mail_id=mail_id)
    assert len(outbox) == 1


def test_a_secret_is_not_kept(app: Flask, greenfield: Tenant, outbox: Outbox) -> None:
    mail_id = post(greenfield, text="Your code is 123456", secret=True)
    run_due_jobs(app)

    assert "123456" in outbox[0].body
    with acting_for(greenfield.id):
        mail = get_mail(mail_id)
        assert (mail.text, mail.html) == ("", "")


def test_no_header_can_be_smuggled_in(app: Flask, greenfield: Tenant, outbox: Outbox) -> None:
    post(greenfield, subject="Hello\r\nBcc: x@example.org", from_name="A\nTo: x@example.org")
    run_due_jobs(app)

    made = outbox[0].message()
    assert made["Bcc"] is None
    assert made["To"] == "mia@example.org"
    assert "\n" not in str(made["Subject"])


def test_a_mail_keeps_its_id_and_its_file(
    app: Flask, greenfield: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["mailman"], "file_path", str(tmp_path))
    mail_id = post(greenfield)
    with acting_for(greenfield.id):
        mail = get_mail(mail_id)
        for _ in range(2):
            EmailBackend(mailman=app.extensions["mailman"]).send_messages([write_message(mail)])

    (file,) = tmp_path.iterdir()
    assert file.name == f"{mail_id}.eml"
    made = message_from_bytes(file.read_bytes())
    assert made["Message-ID"] == f"<{mail_id}@sheaf.localhost>"


def test_where_mail_goes_is_one_setting() -> None:
    made = replace(settings(), smtp_url="smtp://sheaf:p%40ss@mail.example.org", env="production")
    config = mail_config(made)
    assert config["MAIL_BACKEND"] == "smtp"
    assert (config["MAIL_SERVER"], config["MAIL_PORT"]) == ("mail.example.org", 587)
    assert (config["MAIL_PASSWORD"], config["MAIL_USE_TLS"]) == ("p@ss", True)

    config = mail_config(replace(made, smtp_url="smtps://mail.example.org"))
    assert (config["MAIL_PORT"], config["MAIL_USE_SSL"], config["MAIL_USE_TLS"]) == (
        465,
        True,
        False,
    )
    development = replace(made, smtp_url="", env="development")
    assert mail_config(development)["MAIL_BACKEND"] == "tenants.mail.folder"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("see https://evil.example/unlock now", "see https[:]//evil[.]example/unlock now"),
        ("www.evil.co.uk", "www[.]evil[.]co[.]uk"),
        ("HTTP://EVIL.EXAMPLE", "HTTP[:]//EVIL[.]EXAMPLE"),
        ("mailto:a@b.example", "mailto[:]a@b[.]example"),
        ("ana@greenfield.example", "ana@greenfield[.]example"),
        ("见evil.xn--fiqs8s和恶意.公司", "见evil[.]xn--fiqs8s和恶意[.]公司"),
        ("1.25 kg for €3.50, e.g. on 3.4. at 9.30. Thanks.", None),
    ],
)
def test_nothing_typed_becomes_a_link(typed: str, sent: str | None) -> None:
    assert defang(typed) == (sent or typed)


def test_a_mails_text_is_forgotten_after_a_month_and_the_mail_after_a_year(
    app: Flask, greenfield: Tenant, hillside: Tenant, outbox: Outbox
) -> None:
    sent, theirs = post(greenfield), post(hillside)
    run_due_jobs(app)
    unsent = post(greenfield)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        with acting_for(greenfield.id):
            forget_old_mails()
            assert [(get_mail(one).text, get_mail(one).html) for one in (sent, unsent)] == [
                ("", ""), ("", ""),
            ]  # fmt: skip
            deliver_mail(mail_id=unsent)
            assert get_mail(unsent).state is MailState.QUEUED
        with acting_for(hillside.id):
            assert get_mail(theirs).text == "Carrots"
    assert len(outbox) == 2
    with time_machine.travel(clock.now() + timedelta(days=366)), acting_for(greenfield.id):
        forget_old_mails()
        assert list_mails_about("42") == []


def test_whoever_has_mails_is_told_to_forget_them(greenfield: Tenant) -> None:
    post(greenfield)
    with acting_for(greenfield.id):
        watch = db.session.scalars(select(Watch).where(Watch.topic == "retention.due")).one()
    assert watch.until > clock.now() + timedelta(days=364)
