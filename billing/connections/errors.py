"""Refusals about how a shop is paid."""

from kernel.errors import N_, Conflict, Refused


class NoConnection(Conflict):
    """The account a payment was made on cannot be reached: nobody can know how the payment stands,
    which is no reason to say, release or decide anything."""

    code = "no_connection"
    message = N_(
        "The Stripe account of this payment is no longer connected. Use Stripe's own dashboard."
    )


class StripeAway(Refused):
    code = "stripe_away"
    message = N_("Stripe cannot be reached at the moment. Nothing was changed; try again shortly.")


class CountryRefused(Refused):
    code = "country_refused"
    message = N_("Stripe does not open accounts in this country. Choose another one.")
    field = "country"


class OnboardingRefused(Refused):
    code = "onboarding_refused"
    message = N_("Stripe did not open the page: {reason}")


class NotAKey(Refused):
    code = "not_a_key"
    message = N_("A secret key begins with sk_ or rk_. Copy it again from your Stripe dashboard.")
    field = "key"


class PublicKey(Refused):
    code = "public_key"
    message = N_("This is the publishable key. Copy the secret key, which begins with sk_ or rk_.")
    field = "key"


class KeyIsForTests(Refused):
    code = "test_key"
    message = N_("This is a test key, which moves no money. Use the live key.")
    field = "key"


class KeyIsLive(Refused):
    code = "live_key"
    message = N_("This is a live key, and only test payments are made here. Use the test key.")
    field = "key"


class KeyRefused(Refused):
    code = "key_refused"
    message = N_("Stripe does not accept this key. Check that it is complete and not revoked.")
    field = "key"


class KeyLacksRights(Refused):
    code = "key_lacks_rights"
    message = N_(
        "This restricted key lacks a permission at Stripe: {right}. Without it payments could be "
        "taken that nobody here could see or give back. Add it to the key, or use another key."
    )
    field = "key"


class PagesStillOpen(Conflict):
    """An account cannot be left while shoppers may be paying on it and nobody can look."""

    code = "pages_still_open"
    message = N_(
        "Shoppers may be paying on {count} open payment pages of this account, and Stripe cannot "
        "be asked at the moment. Nothing was changed here. Try again in a few minutes: the pages "
        "are closed first, and what was paid is kept."
    )


class AccountNotReady(Refused):
    code = "account_not_ready"
    message = N_("This Stripe account cannot take payments yet. Finish its set-up at Stripe first.")
    field = "key"


class NewsRefused(Refused):
    code = "news_refused"
    message = N_("Stripe accepts the key but would not report payments to Sheaf: {reason}")
    field = "key"


class NothingConnected(Refused):
    code = "nothing_connected"
    message = N_("Connect a Stripe account first.")


class NoWayToPay(Refused):
    code = "no_way_to_pay"
    message = N_("Shoppers need at least one way to pay. Set up another one first.")
