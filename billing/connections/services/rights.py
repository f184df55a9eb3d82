"""What a key must be allowed to do, tried without doing anything."""

from billing import gateway
from billing.connections.errors import KeyLacksRights
from kernel.errors import N_

# As the rights are called where keys are made, in the order in which they are tried.
NAMES = {
    gateway.Right.READ_SESSIONS: N_("Checkout Sessions: read"),
    gateway.Right.WRITE_SESSIONS: N_("Checkout Sessions: write"),
    gateway.Right.READ_PAYMENTS: N_("Payment Intents: read"),
    gateway.Right.WRITE_PAYMENTS: N_("Payment Intents: write"),
    gateway.Right.READ_REFUNDS: N_("Charges and Refunds: read"),
    gateway.Right.WRITE_REFUNDS: N_("Charges and Refunds: write"),
    gateway.Right.READ_EVENTS: N_("Events: read"),
}


def check_rights(*, credentials: gateway.Credentials) -> None:
    """The key may do all that payments and refunds need. Calls out, and changes nothing.

    Refused, with the right's name: the first that is missing. Raises GatewayAuthFailed for a key
    that is no key any more.
    """
    gateway.get_account(credentials=credentials)
    for right, name in NAMES.items():
        if not gateway.has_right(credentials=credentials, right=right):
            raise KeyLacksRights(right=name)
