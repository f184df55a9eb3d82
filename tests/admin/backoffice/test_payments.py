"""The owner's page of payment settings."""

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from billing.connections.models import ConnectionMode, PaymentConnection
from billing.connections.queries import find_connection, offered_methods
from billing.sandbox import Sandbox
from kernel.db import db
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.browsers import Browser, browse
from tests.factories.billing import make_connection, make_own_keys
from tests.hooks import hear_and_work
from tests.jobs import run_due_jobs

PAGE = "/greenfield/payments"


def connection(tenant: Tenant) -> PaymentConnection | None:
    with acting_for(tenant.id):
        return find_connection()


def connect(ana: Browser) -> str:
    """Ana clicks; returns where she is sent."""
    answer = ana.post(f"{PAGE}/onboarding", data={"country": "DE"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def test_a_new_shop_takes_money_at_pick_up_and_can_connect_stripe(ana: Browser) -> None:
    page = ana.get(PAGE).get_data(as_text=True)
    assert "Not connected" in page
    assert "Connect Stripe" in page
    assert 'value="DE" selected' in page or 'selected value="DE"' in page
    assert re.search(r'name="enabled"[^>]*checked|checked[^>]*name="enabled"', page)


def test_ana_connects_stripe_and_only_stripe_says_when_it_is_ready(
    app: Flask, ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    link = connect(ana)
    assert link.startswith(sandbox.url)
    account = connection(greenfield)
    assert account is not None
    assert link not in str(vars(account))

    ana.get(f"{PAGE}/account")
    assert "Not finished" in ana.get(PAGE).get_data(as_text=True)
    with acting_for(greenfield.id):
        assert [str(one) for one in offered_methods()] == ["at_pickup"]

    sandbox.change_account(str(account.account_ref), "finish")
    answer = ana.get(f"{PAGE}/account", follow_redirects=True).get_data(as_text=True)
    assert "shoppers can pay online" in answer
    with acting_for(greenfield.id):
        assert [str(one) for one in offered_methods()] == ["stripe", "at_pickup"]


def test_the_webhook_alone_is_enough(
    app: Flask, ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    connect(ana)
    account = connection(greenfield)
    assert account is not None
    sandbox.change_account(str(account.account_ref), "finish")
    hear_and_work(app, sandbox)
    assert "Taking payments" in ana.get(PAGE).get_data(as_text=True)

    sandbox.change_account(str(account.account_ref), "restrict")
    hear_and_work(app, sandbox)
    assert "Stripe is checking" in ana.get(PAGE).get_data(as_text=True)
    with acting_for(greenfield.id):
        assert [str(one) for one in offered_methods()] == ["at_pickup"]

    sandbox.change_account(str(account.account_ref), "deauthorize")
    hear_and_work(app, sandbox)
    assert "Disconnected" in ana.get(PAGE).get_data(as_text=True)


def test_every_click_makes_a_new_link_to_the_same_account(ana: Browser, sandbox: Sandbox) -> None:
    links = {connect(ana), connect(ana)}
    assert len(links) == 2
    assert len(sandbox.world.store.list_everywhere("account")) == 1


def test_an_account_that_was_left_is_followed_by_a_new_one(
    ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    connect(ana)
    first = connection(greenfield)
    assert first is not None
    sandbox.change_account(str(first.account_ref), "deauthorize")
    ana.get(f"{PAGE}/account")
    connect(ana)
    second = connection(greenfield)
    assert second is not None
    assert second.account_ref != first.account_ref
    assert second.deauthorized_at is None


def test_a_lost_answer_does_not_open_two_accounts(
    ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    sandbox.switch(cut_after=9, only="POST /v1/accounts")
    answer = ana.post(f"{PAGE}/onboarding", data={"country": "DE"})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.get_data(as_text=True)
    sandbox.switch(cut_after=0)
    connect(ana)
    assert len(sandbox.world.store.list_everywhere("account")) == 1


def test_the_way_back_shows_nothing_and_leads_on(app: Flask, greenfield: Tenant) -> None:
    stranger = browse(app, "app.sheaf.test")
    answer = stranger.get(f"{PAGE}/onboarding/return")
    assert answer.status_code == 200
    assert answer.headers["Refresh"] == "0; url=/greenfield/payments/account"
    assert "Greenfield" not in answer.get_data(as_text=True)
    nowhere = stranger.get("/nobody/payments/onboarding/return")
    assert nowhere.status_code == 200  # whether there is such a shop is not told here


def test_an_own_key_is_tried_sealed_and_never_shown(
    ana: Browser, greenfield: Tenant, sandbox: Sandbox, app: Flask
) -> None:
    key = "sk_test_own_greenfield"
    answer = ana.post(f"{PAGE}/own-key", data={"key": key}, follow_redirects=True)
    text = answer.get_data(as_text=True)
    assert "The key works" in text
    assert key not in text
    assert "ield" in text

    found = connection(greenfield)
    assert found is not None
    assert found.mode is ConnectionMode.OWN_KEYS
    assert key not in str(vars(found))
    ((_, endpoint),) = sandbox.world.store.list_everywhere("webhook_endpoint")
    assert endpoint["url"] == f"http://sheaf.test/hooks/stripe/{found.own_endpoint_id}"
    assert endpoint["_secret"] not in str(vars(found))


def test_a_key_that_cannot_charge_is_refused_at_its_field(
    ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    for key, words in {
        "": "Paste the secret key",
        "pk_test_abc": "publishable key",
        "hello": "begins with sk_",
        "sk_live_abc": "live key",
        "sk_test_revoked": "does not accept this key",
        "sk_test_sandbox_platform": "does not accept this key",
    }.items():
        answer = ana.post(f"{PAGE}/own-key", data={"key": key})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422, key
        assert words in text, key
        assert not key or f'value="{key}"' not in text
    assert connection(greenfield) is None
    assert sandbox.world.store.list_everywhere("webhook_endpoint") == []


def test_replacing_and_removing_a_key_leaves_no_endpoint_behind(
    app: Flask, ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    for name in ("first", "second"):
        ana.post(f"{PAGE}/own-key", data={"key": f"sk_test_own_{name}"})
        run_due_jobs(app)
        assert len(sandbox.world.store.list_everywhere("webhook_endpoint")) == 1
    ana.post(f"{PAGE}/own-key/removal")
    run_due_jobs(app)
    assert sandbox.world.store.list_everywhere("webhook_endpoint") == []
    found = connection(greenfield)
    assert found is not None
    assert (found.own_key_sealed, found.own_webhook_secret_sealed) == (None, None)
    assert found.mode is ConnectionMode.NONE


def test_shoppers_always_keep_a_way_to_pay(
    ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    refused = ana.post(f"{PAGE}/at-pick-up", data={})
    assert refused.status_code == 422
    assert "at least one way to pay" in refused.get_data(as_text=True)

    make_own_keys(greenfield, sandbox)
    assert ana.post(f"{PAGE}/at-pick-up", data={}).status_code == 303
    assert ana.post(f"{PAGE}/mode", data={"mode": "none"}).status_code == 422
    assert ana.post(f"{PAGE}/mode", data={"mode": "connect"}).status_code == 422
    assert ana.post(f"{PAGE}/mode", data={"mode": "nonsense"}).status_code == 422
    found = connection(greenfield)
    assert found is not None
    assert found.mode is ConnectionMode.OWN_KEYS

    ana.post(f"{PAGE}/own-key/removal")
    with acting_for(greenfield.id):
        assert [str(one) for one in offered_methods()] == ["at_pickup"]


def test_only_the_owner_sees_or_changes_it(
    ben: Browser, carol: Browser, app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    posts = ["onboarding", "own-key", "own-key/removal", "mode", "at-pick-up"]
    for browser, status in ((ben, 403), (carol, 404), (browse(app, "app.sheaf.test"), 303)):
        for path in [PAGE, f"{PAGE}/account"]:
            answer = browser.get(path)
            assert answer.status_code == status
            assert account not in answer.get_data(as_text=True)
        for path in posts:
            assert browser.post(f"{PAGE}/{path}", data={"mode": "none"}).status_code == status
    with acting_for(greenfield.id):
        found = db.session.scalars(select(PaymentConnection)).one()
    assert found.mode is ConnectionMode.CONNECT


def test_the_staffs_role_cannot_read_what_is_sealed(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_own_keys(greenfield, sandbox)
    with db.engines["staff"].connect() as staff:
        rows = staff.exec_driver_sql("SELECT mode, own_account_ref FROM payment_connections").all()
        assert len(rows) == 1
    for column in ("own_key_sealed", "own_webhook_secret_sealed", "*"):
        with (
            db.engines["staff"].connect() as staff,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            staff.exec_driver_sql(f"SELECT {column} FROM payment_connections")
