"""What a stranger, or someone with a view into Sheaf, tries with the codes of shoppers."""

import re

import psycopg
from flask import Flask

from tenants.accounts.models import Tenant
from tests.browsers import Browser, browse
from tests.conftest import Outbox
from tests.factories.orders import make_order
from tests.jobs import run_due_jobs
from tests.statements import statements


def test_asking_for_a_code_is_the_same_work_for_everyone(app: Flask, greenfield: Tenant) -> None:
    make_order(greenfield, email="mia@example.org")
    run_due_jobs(app)
    work = []
    browse(app, "greenfield.shops.test").post("/sign-in", data={"email": "first@example.org"})
    for email in ("mia@example.org", "nobody@example.org"):
        visitor = browse(app, "greenfield.shops.test")
        visitor.get("/sign-in")
        with statements() as sent:
            visitor.post("/sign-in", data={"email": email})
        work.append([re.sub(r"\d+", "", statement) for statement in sent])

    assert work[0] == work[1]


def test_a_code_stands_in_no_list(
    app: Flask, greenfield: Tenant, shopper: Browser, admin: psycopg.Connection, outbox: Outbox
) -> None:
    make_order(greenfield, email="mia@example.org")
    shopper.post("/sign-in", data={"email": "mia@example.org"})
    run_due_jobs(app)
    found = re.search(r"\b\d{6}\b", outbox[-1].body)
    assert found is not None

    rows = admin.execute("SELECT recipient, subject, html, text, facts FROM mails, jobs").fetchall()

    assert found.group() not in str(rows)
    assert shopper.post("/sign-in/code", data={"code": found.group()}).location == "/account"
