"""Connected accounts and what leads a cooperative through onboarding."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stripe.params import AccountCreateParams

from billing.gateway import facts
from billing.gateway.client import Credentials, client_for, connected, platform, writing
from billing.gateway.facts import Account, OnboardingLink
from billing.gateway.reaching import reaching_stripe


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What Sheaf knows of a cooperative before Stripe asks it for the rest."""

    name: str
    email: str
    country: str
    metadata: Mapping[str, str] = field(default_factory=dict)


def create_account(*, account: NewAccount, idempotency_key: str) -> Account:
    """The cooperative has an account of its own at Stripe: its own dashboard, fees and losses.

    It cannot take payments before its onboarding is finished.
    """
    params: AccountCreateParams = {
        "country": account.country,
        "email": account.email,
        "business_profile": {"name": account.name},
        "controller": {
            "stripe_dashboard": {"type": "full"},
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
        },
        "capabilities": {
            "card_payments": {"requested": True},
            "transfers": {"requested": True},
        },
        "metadata": dict(account.metadata),
    }
    home = platform()
    with reaching_stripe():
        made = client_for(home).v1.accounts.create(params, writing(home, idempotency_key))
    return facts.account(made)


def get_account(*, credentials: Credentials) -> Account:
    """The account behind the credentials as it is now; the only proof of a finished onboarding."""
    with reaching_stripe():
        client = client_for(credentials)
        if credentials.account is None:
            return facts.account(client.v1.accounts.retrieve_current({}, {}))
        return facts.account(client.v1.accounts.retrieve(credentials.account, {}, {}))


def create_onboarding_link(
    *, account_id: str, return_url: str, refresh_url: str, idempotency_key: str
) -> OnboardingLink:
    """A fresh link into onboarding: make it on the click. Coming back proves nothing."""
    home = platform()
    with reaching_stripe():
        made = client_for(home).v1.account_links.create(
            {
                "account": connected(account_id).account or "",
                "type": "account_onboarding",
                "return_url": return_url,
                "refresh_url": refresh_url,
                "collection_options": {"fields": "currently_due"},
            },
            writing(home, idempotency_key),
        )
    return OnboardingLink(url=made.url, expires_at=facts.moment(made.expires_at))
