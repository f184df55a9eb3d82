"""How a shop is paid: what is offered, what is believed, what happens when access is lost."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from billing import gateway
from billing.connections.errors import CountryRefused, KeyIsForTests, NoConnection, StripeAway
from billing.connections.models import ConnectionMode, PaymentMethod, ProviderAccount
from billing.connections.queries import (
    find_connection,
    find_tenant_of_account,
    get_credentials,
    offered_methods,
)
from billing.connections.rules import COUNTRIES, EVENT_TYPES, LIKELY_COUNTRY
from billing.connections.services import (
    apply_account,
    begin_onboarding,
    note_lost_access,
    refresh_account,
)
from billing.connections.services.own_keys import read_key
from billing.payments.services.leave_account import save_own_key
from billing.sandbox import Sandbox
from kernel.db import db
from kernel.money import EXPONENTS
from kernel.outbox import Announcement
from kernel.scope import acting_for
from kernel.settings import settings, use
from kernel.vault import CannotOpen, unseal
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tests.factories.billing import make_connection, make_own_keys


def offered(tenant: Tenant) -> list[PaymentMethod]:
    with acting_for(tenant.id):
        return offered_methods()


def begin(tenant: Tenant, country: str = "DE") -> str:
    with acting_for(tenant.id):
        return begin_onboarding(
            country=country,
            email="ana@greenfield.test",
            return_url="http://app.sheaf.test/back",
            refresh_url="http://app.sheaf.test/back",
        )


def told(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return list(db.session.scalars(select(Announcement.topic).order_by(Announcement.id)))


def audited(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


def test_a_new_shop_takes_money_at_pick_up(greenfield: Tenant) -> None:
    assert offered(greenfield) == [PaymentMethod.AT_PICKUP]


def test_an_account_is_whose_it_is(greenfield: Tenant, hillside: Tenant, sandbox: Sandbox) -> None:
    greens, hills = make_connection(greenfield, sandbox), make_connection(hillside, sandbox)
    assert find_tenant_of_account(greens) == greenfield.id
    assert find_tenant_of_account(hills) == hillside.id
    assert find_tenant_of_account("acct_unknown") is None


def test_onboarding_is_written_down_with_its_person_and_without_its_link(
    greenfield: Tenant, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    link = begin(greenfield)
    assert audited(greenfield) == ["payments.account_opened", "shop.factor_required"]
    with acting_for(greenfield.id):
        bodies = list(db.session.scalars(select(AuditEntry.body)))
    assert link not in str(bodies)
    assert link not in caplog.text
    with acting_for(greenfield.id):
        assert refresh_account() is not None
    assert told(greenfield) == ["connection.changed"]


def test_a_country_without_stripe_is_refused_before_stripe_is_asked(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    before = len(sandbox.calls)
    for country in ("CN", "XX", ""):
        with pytest.raises(CountryRefused):
            begin(greenfield, country)
    assert len(sandbox.calls) == before


@pytest.mark.parametrize("fault", ["fail_before", "fail_after", "rate_limit"])
def test_when_stripe_is_away_nothing_is_lost(
    greenfield: Tenant, sandbox: Sandbox, fault: str
) -> None:
    sandbox.switch(**{fault: 9 if fault == "rate_limit" else 1}, only="POST /v1/accounts")
    with pytest.raises(StripeAway):
        begin(greenfield)
    sandbox.switch(rate_limit=0)
    assert begin(greenfield).startswith(sandbox.url)
    with acting_for(greenfield.id):
        found = find_connection()
    assert found is not None
    assert found.account_ref is not None
    assert find_tenant_of_account(found.account_ref) == greenfield.id


def test_another_shops_account_changes_nothing_here(
    greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    hills = make_connection(hillside, sandbox)
    sandbox.change_account(hills, "restrict")
    account = gateway.get_account(credentials=gateway.connected(hills))
    with acting_for(greenfield.id):
        apply_account(account=account)
    assert offered(greenfield)[0] is PaymentMethod.STRIPE


def test_a_lost_account_is_no_longer_offered_and_said_once(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    sandbox.change_account(account, "deauthorize")
    for _ in range(2):
        with acting_for(greenfield.id):
            note_lost_access(credentials=gateway.connected(account))
    assert offered(greenfield) == [PaymentMethod.AT_PICKUP]
    assert told(greenfield) == ["connection.changed"]


def test_a_broken_key_of_our_own_is_not_blamed_on_the_shops(
    greenfield: Tenant, sandbox: Sandbox
) -> None:
    account = make_connection(greenfield, sandbox)
    before = settings()
    use(replace(before, stripe_secret_key="sk_test_revoked"))
    try:
        with acting_for(greenfield.id):
            note_lost_access(credentials=gateway.connected(account))
            refresh_account()
    finally:
        use(before)
    assert offered(greenfield)[0] is PaymentMethod.STRIPE
    assert told(greenfield) == []


def test_a_revoked_own_key_is_no_longer_offered(greenfield: Tenant, sandbox: Sandbox) -> None:
    make_own_keys(greenfield, sandbox)
    with acting_for(greenfield.id):
        note_lost_access(credentials=gateway.own_key("sk_test_own_greenfield"))
    assert offered(greenfield) == [PaymentMethod.AT_PICKUP]


def test_a_sealed_key_opens_in_its_own_shop_only(
    greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    with acting_for(greenfield.id):
        save_own_key(key="  sk_test_own_greenfield\n")
        found = find_connection()
        assert found is not None
        sealed, account = found.own_key_sealed, found.own_account_ref
        credentials = get_credentials(ConnectionMode.OWN_KEYS, account)
        assert credentials.key == "sk_test_own_greenfield"
        with pytest.raises(NoConnection):
            get_credentials(ConnectionMode.OWN_KEYS, "acct_other")
    assert sealed is not None
    with pytest.raises(CannotOpen):
        unseal(sealed, tenant_id=hillside.id, field="payment_connections.own_key")
    with pytest.raises(CannotOpen):
        unseal(sealed, tenant_id=greenfield.id, field="payment_connections.own_webhook_secret")
    with acting_for(hillside.id), pytest.raises(NoConnection):
        get_credentials(ConnectionMode.OWN_KEYS, account)


def test_the_same_stripe_account_may_serve_two_shops_each_with_its_own_endpoint(
    app: Flask, greenfield: Tenant, hillside: Tenant, sandbox: Sandbox
) -> None:
    for tenant in (greenfield, hillside):
        with acting_for(tenant.id):
            save_own_key(key="sk_test_own_one_owner")
    rows = db.session.scalars(select(ProviderAccount)).all()
    assert {row.tenant_id for row in rows} == {greenfield.id, hillside.id}
    assert len({row.account_ref for row in rows}) == 1
    assert len({row.endpoint_id for row in rows}) == 2
    assert all(isinstance(row.endpoint_id, UUID) for row in rows)


def test_a_live_platform_refuses_test_keys(greenfield: Tenant, sandbox: Sandbox) -> None:
    before = settings()
    use(replace(before, stripe_secret_key="sk_live_platform"))
    try:
        with pytest.raises(KeyIsForTests):
            read_key("sk_test_own_greenfield")
    finally:
        use(before)


def test_the_lists_of_countries_and_events_fit_stripe() -> None:
    assert set(LIKELY_COUNTRY.values()) <= set(COUNTRIES)
    assert set(LIKELY_COUNTRY) <= set(EXPONENTS)
    assert len(EVENT_TYPES) <= 20
    assert sorted(EVENT_TYPES) == list(EVENT_TYPES)
