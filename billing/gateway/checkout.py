"""Hosted payment pages and the payments made on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stripe.params.checkout import (
    SessionCreateParams,
    SessionCreateParamsLineItem,
    SessionCreateParamsPaymentIntentData,
)

from billing.gateway import facts
from billing.gateway.client import Credentials, client_for, reading, writing
from billing.gateway.facts import CheckoutSession, Payment
from billing.gateway.reaching import reaching_stripe
from kernel.money import Money

_LONGEST_NAME = 250
# Cards and wallets, which say yes or no while the shopper waits. Of these Stripe offers what the
# account has; a debit, transfer or voucher may take days and outlive the day of the order.
IMMEDIATE = (
    "card", "link", "alipay", "wechat_pay", "paypal", "amazon_pay", "cashapp", "revolut_pay",
    "grabpay", "kakao_pay", "naver_pay", "samsung_pay", "mobilepay", "twint", "satispay", "paypay",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """What the payer reads, and the price of one of it."""

    name: str
    amount: Money
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Checkout:
    """A request for payment. `fee` is Sheaf's and only possible on a connected account;
    `expires_at` is 30 minutes to 24 hours away; `success_url` may hold {CHECKOUT_SESSION_ID}."""

    lines: Sequence[CheckoutLine]
    reference: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    locale: str
    customer_email: str | None = None
    fee: Money | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def create_checkout_session(
    *, credentials: Credentials, checkout: Checkout, idempotency_key: str
) -> CheckoutSession:
    """A page exists where the sum of the lines can be paid once, to the credentials' account."""
    params = _params(checkout)
    with reaching_stripe():
        made = client_for(credentials).v1.checkout.sessions.create(
            params, writing(credentials, idempotency_key)
        )
    return facts.session(made)


def get_checkout_session(*, credentials: Credentials, session_id: str) -> CheckoutSession:
    """The page and its payment as they are now."""
    with reaching_stripe():
        made = client_for(credentials).v1.checkout.sessions.retrieve(
            session_id, {"expand": [f"payment_intent.{_charge(credentials)}"]}, reading(credentials)
        )
    return facts.session(made)


def expire_checkout_session(
    *, credentials: Credentials, session_id: str, idempotency_key: str
) -> CheckoutSession:
    """Nobody can pay on the page any more; refused when it is already paid or expired."""
    with reaching_stripe():
        made = client_for(credentials).v1.checkout.sessions.expire(
            session_id,
            {"expand": [f"payment_intent.{_charge(credentials)}"]},
            writing(credentials, idempotency_key),
        )
    return facts.session(made)


def get_payment(*, credentials: Credentials, payment_id: str) -> Payment:
    """The payment as it is now, with its latest charge."""
    with reaching_stripe():
        intent = client_for(credentials).v1.payment_intents.retrieve(
            payment_id, {"expand": [_charge(credentials)]}, reading(credentials)
        )
    return facts.payment(intent)


def _charge(credentials: Credentials) -> str:
    """A shop's own key may be restricted and not be let see the balance; ours sees it."""
    return "latest_charge.balance_transaction" if credentials.account else "latest_charge"


def _params(checkout: Checkout) -> SessionCreateParams:
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [_line(line) for line in checkout.lines],
        "client_reference_id": checkout.reference,
        "success_url": checkout.success_url,
        "cancel_url": checkout.cancel_url,
        "expires_at": int(checkout.expires_at.timestamp()),
        "allowed_payment_method_types": list(IMMEDIATE),
        "adaptive_pricing": {"enabled": False},  # what is charged is what was agreed
        "locale": "zh" if checkout.locale.startswith("zh") else "en",
        "metadata": dict(checkout.metadata),
        "payment_intent_data": _intent(checkout),
    }
    if checkout.customer_email:
        params["customer_email"] = checkout.customer_email
    return params


def _line(line: CheckoutLine) -> SessionCreateParamsLineItem:
    return {
        "price_data": {
            "currency": line.amount.currency.lower(),
            "unit_amount": line.amount.minor,
            "product_data": {"name": line.name[:_LONGEST_NAME]},
        },
        "quantity": line.quantity,
    }


def _intent(checkout: Checkout) -> SessionCreateParamsPaymentIntentData:
    data: SessionCreateParamsPaymentIntentData = {
        "metadata": {**checkout.metadata, "reference": checkout.reference}
    }
    if checkout.fee:
        assert checkout.fee.currency == checkout.lines[0].amount.currency, "one currency"
        data["application_fee_amount"] = checkout.fee.minor
    return data
