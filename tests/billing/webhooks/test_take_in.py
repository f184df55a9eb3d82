"""What the webhook address lets in."""

import json
import time
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from billing.payments.models import PaymentState
from billing.payments.queries import get_payment
from billing.sandbox import Sandbox
from billing.sandbox.webhooks import Webhook, signed
from billing.webhooks.models import ProviderEvent, ProviderEventState
from billing.webhooks.services import forget_old_events
from kernel import clock
from kernel.db import db, transaction
from kernel.scope import PLATFORM_ID, acting_for
from tenants.accounts.models import Tenant
from tests.browsers import browse
from tests.factories.billing import make_connection, make_own_keys, pay
from tests.hooks import hear_and_work, post_hook
from tests.jobs import run_due_jobs

CONNECT_SECRET = "whsec_sandbox_connect"


def inbox(tenant_id: UUID) -> list[ProviderEvent]:
    with acting_for(tenant_id):
        return list(db.session.scalars(select(ProviderEvent)))


def completed(sandbox: Sandbox) -> Webhook:
    """The news that a page was paid."""
    found = [w for w in sandbox.take_webhooks() if w.event["type"].endswith("session.completed")]
    return found[0]


def resigned(webhook: Webhook, *, secret: str = CONNECT_SECRET, at: int | None = None) -> Webhook:
    return signed(webhook.body, secret, timestamp=int(time.time()) if at is None else at)


def changed(webhook: Webhook, **changes: object) -> Webhook:
    body = json.dumps({**webhook.event, **changes}).encode()
    return signed(body, CONNECT_SECRET, timestamp=int(time.time()))


def test_a_signed_event_is_kept_once_however_often_it_comes(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    webhook = completed(sandbox)

    for _ in range(3):
        answer = post_hook(app, "connect", webhook)
        assert (answer.status_code, answer.data) == (200, b"")

    (event,) = inbox(greenfield.id)
    assert (event.account_ref, event.type) == (account, "checkout.session.completed")
    assert run_due_jobs(app) > 0
    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.SUCCEEDED


def test_nothing_is_acted_on_while_the_event_is_taken_in(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    before = len(sandbox.calls)
    post_hook(app, "connect", completed(sandbox))
    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.OPEN
    assert len(sandbox.calls) == before


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_an_event_signed_too_early_or_too_late_is_refused(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, seconds: int
) -> None:
    make_connection(greenfield, sandbox)
    pay(greenfield, sandbox)
    webhook = resigned(completed(sandbox), at=int(time.time()) + seconds)
    answer = post_hook(app, "connect", webhook)
    assert answer.status_code == 400
    assert inbox(greenfield.id) == []


def test_a_forged_event_is_refused_without_a_word_why(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    pay(greenfield, sandbox)
    true = completed(sandbox)
    forgeries = [
        Webhook({}, true.body),
        Webhook({"Stripe-Signature": "t=1,v1="}, true.body),
        Webhook(true.headers, true.body.replace(b"1250", b"9250")),
        resigned(true, secret="whsec_guessed_by_somebody"),
        resigned(true, secret="whsec_sandbox_platform"),
    ]
    for forged in forgeries:
        answer = post_hook(app, "connect", forged)
        assert answer.status_code == 400
        assert answer.get_json()["message"] == ""
    assert inbox(greenfield.id) == inbox(PLATFORM_ID) == []


def test_garbage_is_refused_and_never_an_error_of_ours(app: Flask, sandbox: Sandbox) -> None:
    now = int(time.time())
    for body in (b"", b"[]", b"{}", b"\xff\xfe", b'{"id": 1}', b"null", b'{"data": {"object": 5}}'):
        answer = post_hook(app, "connect", signed(body, CONNECT_SECRET, timestamp=now))
        assert answer.status_code == 400
    site = browse(app, "sheaf.test")
    assert site.post("/hooks/stripe/connect", data=b"x" * 300_000).status_code == 413
    assert site.post("/hooks/stripe/nobody", data=b"{}").status_code == 404
    assert site.post(f"/hooks/stripe/{PLATFORM_ID}", data=b"{}").status_code == 404
    assert site.get("/hooks/stripe/connect").status_code == 405
    assert browse(app, "app.sheaf.test").post("/hooks/stripe/connect").status_code == 404


def test_an_event_of_an_account_nobody_here_has_is_kept_for_the_platform(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    pay(greenfield, sandbox)
    webhook = changed(completed(sandbox), account="acct_of_nobody_we_know")

    assert post_hook(app, "connect", webhook).status_code == 200

    (event,) = inbox(PLATFORM_ID)
    assert (event.state, event.error) == (ProviderEventState.UNROUTABLE, "unknown_account")
    assert inbox(greenfield.id) == []
    assert run_due_jobs(app) == 0


def test_an_event_of_the_other_mode_moves_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    payment = pay(greenfield, sandbox)
    assert post_hook(app, "connect", changed(completed(sandbox), livemode=True)).status_code == 200
    run_due_jobs(app)
    (event,) = inbox(PLATFORM_ID)
    assert event.error == "other_mode"
    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.OPEN


def test_platform_and_connected_accounts_have_endpoints_of_their_own(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    pay(greenfield, sandbox)
    webhook = completed(sandbox)
    own = {name: value for name, value in webhook.event.items() if name != "account"}
    now = int(time.time())
    without = signed(json.dumps(own).encode(), CONNECT_SECRET, timestamp=now)
    assert post_hook(app, "connect", without).status_code == 400
    crossed = resigned(webhook, secret="whsec_sandbox_platform")
    assert post_hook(app, "platform", crossed).status_code == 400


def test_greenfields_news_posted_to_hillsides_endpoint_is_refused(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    greens, hills = make_own_keys(greenfield, sandbox), make_own_keys(hillside, sandbox)
    payment = pay(greenfield, sandbox)
    webhooks = sandbox.take_webhooks()
    for webhook in webhooks:
        assert post_hook(app, str(hills), webhook).status_code == 400
        assert post_hook(app, "connect", webhook).status_code == 400
    run_due_jobs(app)
    assert inbox(hillside.id) == inbox(greenfield.id) == []

    for webhook in webhooks:
        assert post_hook(app, str(greens), webhook).status_code == 200
    run_due_jobs(app)
    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.SUCCEEDED
    assert inbox(hillside.id) == []


def test_hillside_cannot_forge_greenfields_payment_with_its_own_secret(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    """Whoever owns a Stripe account knows its endpoint's secret and can sign anything with it."""
    make_connection(greenfield, sandbox)
    hills = make_own_keys(hillside, sandbox)
    payment = pay(greenfield, sandbox)
    theirs = completed(sandbox)
    own = sandbox.world.store.list_everywhere("webhook_endpoint")[0][1]["_secret"]
    claimed = {**theirs.event}
    for account in (claimed["account"], None):
        body = json.dumps({**claimed, "account": account}).encode()
        post_hook(app, str(hills), signed(body, own, timestamp=int(time.time())))
    run_due_jobs(app)

    with acting_for(greenfield.id):
        assert get_payment(payment.id).state is PaymentState.OPEN
    assert inbox(greenfield.id) == []
    assert [event.state for event in inbox(hillside.id)] == [ProviderEventState.IGNORED]


def test_the_platforms_own_events_are_kept_and_ask_for_nothing(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    pay(greenfield, sandbox)
    hear_and_work(app, sandbox)
    assert {event.state for event in inbox(PLATFORM_ID)} == {ProviderEventState.IGNORED}
    assert {event.type for event in inbox(PLATFORM_ID)} == {"application_fee.created"}


def test_news_worked_long_ago_is_forgotten_and_what_waits_is_not(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    with acting_for(greenfield.id), transaction() as session:
        for number, state in enumerate(ProviderEventState):
            session.add(
                ProviderEvent(
                    account_ref="acct_1",
                    event_ref=f"evt_{number}",
                    type="refund.updated",
                    livemode=False,
                    raw="{}",
                    happened_at=clock.now(),
                    state=state,
                )
            )
    with time_machine.travel(clock.now() + timedelta(days=91)):
        with acting_for(hillside.id):
            forget_old_events()
        with acting_for(greenfield.id):
            assert len(db.session.scalars(select(ProviderEvent)).all()) == len(ProviderEventState)
            forget_old_events()
            left = {one.state for one in db.session.scalars(select(ProviderEvent))}
    assert left == {
        ProviderEventState.RECEIVED, ProviderEventState.REFUSED, ProviderEventState.UNROUTABLE,
    }  # fmt: skip
