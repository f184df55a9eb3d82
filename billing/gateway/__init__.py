"""The only door to Stripe. Call it outside transactions; beyond it there are plain values only."""

from billing.gateway.accounts import (
    NewAccount,
    create_account,
    create_onboarding_link,
    get_account,
)
from billing.gateway.checkout import (
    Checkout,
    CheckoutLine,
    create_checkout_session,
    expire_checkout_session,
    get_checkout_session,
    get_payment,
)
from billing.gateway.client import Credentials, connected, own_key, platform
from billing.gateway.disputes import Dispute, dispute_page, get_dispute
from billing.gateway.errors import (
    NO_ACCESS_TO_ACCOUNT,
    BadSignature,
    GatewayAuthFailed,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    GatewayUnknown,
)
from billing.gateway.events import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    get_event,
    list_events,
    read_webhook,
    update_webhook_endpoint,
)
from billing.gateway.facts import (
    Account,
    CheckoutSession,
    FeeRefund,
    OnboardingLink,
    Payment,
    PaymentError,
    Refund,
    WebhookEndpoint,
    WebhookEvent,
)
from billing.gateway.names import named, names
from billing.gateway.refunds import (
    create_refund,
    find_application_fee,
    get_refund,
    list_fee_refunds,
    list_refunds,
    refund_application_fee,
)
from billing.gateway.rights import Right, has_right

__all__ = [
    "NO_ACCESS_TO_ACCOUNT",
    "Account",
    "BadSignature",
    "Checkout",
    "CheckoutLine",
    "CheckoutSession",
    "Credentials",
    "Dispute",
    "FeeRefund",
    "GatewayAuthFailed",
    "GatewayError",
    "GatewayRefused",
    "GatewayUnavailable",
    "GatewayUnknown",
    "NewAccount",
    "OnboardingLink",
    "Payment",
    "PaymentError",
    "Refund",
    "Right",
    "WebhookEndpoint",
    "WebhookEvent",
    "connected",
    "create_account",
    "create_checkout_session",
    "create_onboarding_link",
    "create_refund",
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "dispute_page",
    "expire_checkout_session",
    "find_application_fee",
    "get_account",
    "get_checkout_session",
    "get_dispute",
    "get_event",
    "get_payment",
    "get_refund",
    "has_right",
    "list_events",
    "list_fee_refunds",
    "list_refunds",
    "named",
    "names",
    "own_key",
    "platform",
    "read_webhook",
    "refund_application_fee",
    "update_webhook_endpoint",
]
