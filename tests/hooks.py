"""Delivering the sandbox's webhooks by hand, to the address each one is meant for."""

from collections.abc import Iterable

from flask import Flask
from werkzeug.test import TestResponse

from billing.sandbox import Sandbox
from billing.sandbox.webhooks import Webhook
from tests.browsers import browse
from tests.jobs import run_due_jobs


def post_hook(app: Flask, endpoint: str, webhook: Webhook) -> TestResponse:
    """Post one webhook to one of our endpoints."""
    return browse(app, "sheaf.test").post(
        f"/hooks/stripe/{endpoint}", data=webhook.body, headers=webhook.headers
    )


def deliver(app: Flask, webhooks: Iterable[Webhook], *, endpoint: str = "") -> None:
    """Post webhooks where they belong: to the endpoint named, else by what they are."""
    for webhook in webhooks:
        usual = "connect" if "account" in webhook.event else "platform"
        answer = post_hook(app, endpoint or usual, webhook)
        assert answer.status_code == 200, answer.get_data(as_text=True)


def hear_and_work(app: Flask, sandbox: Sandbox, *, endpoint: str = "") -> None:
    """Everything the sandbox has to say arrives, and all work that follows is done."""
    for _ in range(5):
        webhooks = sandbox.take_webhooks()
        deliver(app, webhooks, endpoint=endpoint)
        if not run_due_jobs(app) and not webhooks:
            return
