"""What Stripe told us, as plain values. Nothing of the SDK is visible beyond them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Account:
    """A shop's account. Only `charges_enabled` says that it can take payments."""

    id: str
    name: str
    email: str | None
    country: str | None
    currency: str | None
    details_submitted: bool
    charges_enabled: bool
    payouts_enabled: bool
    due: tuple[str, ...]
    disabled_reason: str | None


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """Single use and minutes long; whoever has it may onboard. Redirect to it, never store it."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentError:
    """Why the last attempt to pay did not work."""

    code: str | None
    decline_code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment intent with its latest charge. Money has moved only when `status` is "succeeded";
    `fee_id` is what Sheaf's fee on it is called, on the platform's account; Stripe may tell it, and
    `succeeded_at`, up to an hour later."""

    id: str
    status: str
    amount: Money
    received: Money
    refunded: Money
    charge_id: str | None
    fee_id: str | None
    fee: Money | None
    method: str | None
    last4: str | None
    error: PaymentError | None
    metadata: dict[str, str]
    created: datetime
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A hosted payment page. `payment` is None until somebody tried to pay."""

    id: str
    url: str | None
    status: str
    payment_status: str
    amount: Money
    reference: str | None
    metadata: dict[str, str]
    expires_at: datetime
    payment: Payment | None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back to the payer: "pending", "succeeded", "failed" or "canceled"."""

    id: str
    status: str
    amount: Money
    payment_id: str | None
    charge_id: str | None
    failure_reason: str | None
    metadata: dict[str, str]
    created: datetime


@dataclass(frozen=True, slots=True)
class FeeRefund:
    """A part of Sheaf's fee given back to the shop."""

    id: str
    fee_id: str
    amount: Money
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """News that something changed, not what is true now: read the object again before acting.

    `account` is None for the platform's own events and for those of a shop's own key.
    """

    id: str
    type: str
    account: str | None
    livemode: bool
    created: datetime
    object_kind: str | None
    object_id: str | None
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An endpoint that Stripe now calls; the secret is told this once."""

    id: str
    secret: str = field(repr=False)


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def money(minor: int | None, currency: str | None) -> Money:
    return Money(minor or 0, (currency or "").upper())


def account(made: stripe.Account) -> Account:
    profile, needed = _of(made, "business_profile"), _of(made, "requirements")
    currency = _of(made, "default_currency")
    return Account(
        id=made.id,
        name=_of(profile, "name") or "",
        email=_of(made, "email"),
        country=_of(made, "country"),
        currency=currency.upper() if currency else None,
        details_submitted=bool(_of(made, "details_submitted")),
        charges_enabled=bool(_of(made, "charges_enabled")),
        payouts_enabled=bool(_of(made, "payouts_enabled")),
        due=tuple(_of(needed, "currently_due") or ()),
        disabled_reason=_of(needed, "disabled_reason"),
    )


def payment(intent: stripe.PaymentIntent) -> Payment:
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    fee = intent.application_fee_amount
    method, last4 = _means(charge)
    return Payment(
        id=intent.id,
        status=intent.status,
        amount=money(intent.amount, intent.currency),
        received=money(intent.amount_received, intent.currency),
        refunded=money(charge.amount_refunded if charge else 0, intent.currency),
        charge_id=_id(intent.latest_charge),
        fee_id=_id(charge.application_fee) if charge else None,
        fee=money(fee, intent.currency) if fee else None,
        method=method,
        last4=last4,
        error=_payment_error(_of(intent, "last_payment_error")),
        metadata=dict(intent.metadata.to_dict()),
        created=moment(intent.created),
        succeeded_at=_succeeded_at(charge),
    )


def session(made: stripe.checkout.Session) -> CheckoutSession:
    intent = made.payment_intent
    return CheckoutSession(
        id=made.id,
        url=made.url,
        status=made.status or "",
        payment_status=made.payment_status,
        amount=money(made.amount_total, made.currency),
        reference=made.client_reference_id,
        metadata=_metadata(made.metadata),
        expires_at=moment(made.expires_at),
        payment=payment(intent) if isinstance(intent, stripe.PaymentIntent) else None,
    )


def refund(made: stripe.Refund) -> Refund:
    return Refund(
        id=made.id,
        status=made.status or "",
        amount=money(made.amount, made.currency),
        payment_id=_id(made.payment_intent),
        charge_id=_id(made.charge),
        failure_reason=_of(made, "failure_reason"),
        metadata=_metadata(made.metadata),
        created=moment(made.created),
    )


def fee_refund(made: stripe.ApplicationFeeRefund) -> FeeRefund:
    return FeeRefund(
        id=made.id,
        fee_id=_id(made.fee) or "",
        amount=money(made.amount, made.currency),
        metadata=_metadata(made.metadata),
    )


def event(body: dict[str, Any], *, default_account: str | None = None) -> WebhookEvent:
    """From the event's JSON; raises KeyError, TypeError or ValueError when it is not one."""
    thing = body["data"]["object"]
    return WebhookEvent(
        id=_word(body["id"]),
        type=_word(body["type"]),
        account=_word(body.get("account") or "") or default_account,
        livemode=body["livemode"] is not False,
        created=moment(int(body["created"])),
        object_kind=_word(thing.get("object") or ""),
        object_id=_word(thing.get("id") or ""),
        body=body | {"api_version": _word(body.get("api_version") or "")},
    )


def _word(given: Any) -> str:
    """A name or an id, as Stripe writes them; ValueError for what could not even be stored."""
    if not isinstance(given, str) or not given.isascii() or not given.isprintable():
        raise ValueError("not a word of Stripe's")
    return given


def _of(thing: Any, name: str) -> Any:
    """A field that Stripe leaves out when it does not apply; then None."""
    return getattr(thing, name, None)


def _payment_error(error: Any) -> PaymentError | None:
    if error is None:
        return None
    return PaymentError(_of(error, "code"), _of(error, "decline_code"), _of(error, "message"))


def _id(reference: Any) -> str | None:
    """An expandable field's id, expanded or not."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(reference.id)


def _metadata(given: Any) -> dict[str, str]:
    return dict(given.to_dict()) if given else {}


def _succeeded_at(charge: stripe.Charge | None) -> datetime | None:
    """When the money was the shop's: a charge by bank exists days before, so its own balance entry
    tells; a card's charge succeeds as it is made. None when Stripe has not told yet."""
    if charge is None or charge.status != "succeeded":
        return None
    entry = _of(charge, "balance_transaction")
    if isinstance(entry, stripe.BalanceTransaction):
        return moment(entry.created)
    details = charge.payment_method_details
    return moment(charge.created) if details is not None and details.type == "card" else None


def _means(charge: stripe.Charge | None) -> tuple[str | None, str | None]:
    details = charge.payment_method_details if charge else None
    if details is None:
        return None, None
    facts = details.to_dict().get(details.type) or {}
    return details.type, facts.get("last4")
