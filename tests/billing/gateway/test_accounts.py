import pytest
import requests

from billing import gateway
from billing.gateway import Credentials, NewAccount
from billing.sandbox import Sandbox

NEW = NewAccount("Greenfield", "ana@greenfield.test", "DE", {"tenant": "greenfield"})


def test_an_account_is_ready_only_after_its_onboarding(sandbox: Sandbox) -> None:
    made = gateway.create_account(account=NEW, idempotency_key="account:1")
    assert (made.name, made.email, made.currency) == ("Greenfield", "ana@greenfield.test", "EUR")
    assert (made.charges_enabled, made.disabled_reason) == (False, "requirements.past_due")
    assert made.due

    link = gateway.create_onboarding_link(
        account_id=made.id,
        return_url="http://app.test/back",
        refresh_url="http://app.test/again",
        idempotency_key="link:1",
    )
    assert link.url not in repr(link)  # it must not reach a log
    requests.post(link.url, data={"action": "finish"}, allow_redirects=False, timeout=120)

    now = gateway.get_account(credentials=gateway.connected(made.id))
    assert (now.charges_enabled, now.payouts_enabled, now.details_submitted) == (True, True, True)
    assert now.due == ()


def test_asking_twice_makes_one_account(sandbox: Sandbox) -> None:
    first = gateway.create_account(account=NEW, idempotency_key="account:1")
    again = gateway.create_account(account=NEW, idempotency_key="account:1")
    assert first == again


def test_an_own_key_has_the_account_it_belongs_to(sandbox: Sandbox) -> None:
    account = gateway.get_account(credentials=gateway.own_key("sk_test_own_ana_farm"))
    assert (account.name, account.charges_enabled) == ("Ana Farm", True)


def test_an_account_that_left_is_an_authentication_failure(
    sandbox: Sandbox, greenfield: Credentials
) -> None:
    sandbox.change_account(str(greenfield.account), "deauthorize")
    with pytest.raises(gateway.GatewayAuthFailed):
        gateway.get_account(credentials=greenfield)


@pytest.mark.parametrize("account", ["", " ", "greenfield", "acct_", "acct_1 "])
def test_an_empty_or_strange_account_never_means_the_platforms_own(account: str) -> None:
    with pytest.raises(ValueError, match="not a Stripe account"):
        Credentials("sk_test_sandbox_platform", account)


@pytest.mark.parametrize("key", ["", "pk_test_1", "sk_test_", "sk_test_a b", "whsec_1"])
def test_only_a_secret_key_is_a_key(key: str) -> None:
    with pytest.raises(ValueError, match="not a Stripe secret key") as raised:
        Credentials(key)
    assert not key or key not in str(raised.value)


def test_a_key_is_not_shown_and_says_whether_it_is_live() -> None:
    live = Credentials("rk_live_abc")
    assert "abc" not in repr(live)
    assert live.livemode
    assert not gateway.own_key("sk_test_own_ana").livemode
