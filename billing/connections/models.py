"""How a shop can be paid: its Stripe account or own key, and whether it takes money at pick-up."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class PaymentMethod(StrEnum):
    """What a shopper chooses at checkout."""

    STRIPE = "stripe"
    AT_PICKUP = "at_pickup"


class ConnectionMode(StrEnum):
    """Through what new online payments reach the shop."""

    NONE = "none"
    CONNECT = "connect"
    OWN_KEYS = "own_keys"


class PaymentConnection(TenantOwned, Base):
    """A shop's payment settings, one row per shop. Keys and secrets are sealed (kernel.vault).

    The facts about the connected account are what Stripe said when last asked, never a guess.
    """

    __tablename__ = "payment_connections"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    mode: Mapped[ConnectionMode] = mapped_column(default=ConnectionMode.NONE)
    at_pickup_enabled: Mapped[bool] = mapped_column(default=True)

    account_ref: Mapped[str | None]
    account_attempt: Mapped[int] = mapped_column(default=0)
    country: Mapped[str] = mapped_column(default="")
    details_submitted: Mapped[bool] = mapped_column(default=False)
    charges_enabled: Mapped[bool] = mapped_column(default=False)
    payouts_enabled: Mapped[bool] = mapped_column(default=False)
    requirements: Mapped[list[str]] = mapped_column(default=list)
    disabled_reason: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    deauthorized_at: Mapped[datetime | None]

    own_account_ref: Mapped[str | None]
    own_account_name: Mapped[str] = mapped_column(default="")
    own_key_sealed: Mapped[str | None]
    own_key_hint: Mapped[str] = mapped_column(default="")
    own_key_failed_at: Mapped[datetime | None]
    own_endpoint_id: Mapped[UUID | None]
    own_webhook_ref: Mapped[str | None]
    own_webhook_secret_sealed: Mapped[str | None]
    own_event_types: Mapped[list[str]] = mapped_column(default=list, server_default="[]")

    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class FormerAccount(TenantOwned, Base):
    """An account that the shop has left while money on it was not settled.

    Its key and its news stay, sealed, so that what was paid there is found and can be given back:
    until the last payment and refund is settled, and no longer than KEPT (rules). Then they go.
    """

    __tablename__ = "former_accounts"
    __table_args__ = (Index(None, "tenant_id", "account_ref"),)

    mode: Mapped[ConnectionMode]
    account_ref: Mapped[str]
    key_sealed: Mapped[str | None]
    endpoint_id: Mapped[UUID | None]
    webhook_ref: Mapped[str | None]
    webhook_secret_sealed: Mapped[str | None]
    left_at: Mapped[datetime] = mapped_column(default=clock.now)
    settled_at: Mapped[datetime | None]


class ProviderAccount(Base):
    """Whose an account at Stripe is: what a webhook resolves to, before anyone is acted for.

    Platform-wide. A connected account belongs to one shop; the same own account may serve two
    shops of one owner, each with an endpoint of its own.
    """

    __tablename__ = "provider_accounts"
    __table_args__ = (
        Index(
            "uq_provider_accounts_connected", "account_ref", unique=True,
            postgresql_where=text("mode = 'connect'"),
        ),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    mode: Mapped[ConnectionMode]
    account_ref: Mapped[str]
    endpoint_id: Mapped[UUID | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
