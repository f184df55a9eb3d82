"""Orders, their lines at the prices agreed, and what happened to them."""

from datetime import date, datetime
from datetime import time as clock_time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.connections.models import PaymentMethod
from kernel import clock
from kernel.db import Base
from kernel.money import Money
from kernel.quantity import Unit
from kernel.scope import TenantOwned, related, tenant_key


class OrderState(StrEnum):
    """TO_DECIDE: paid, but too late for its day; the shop offers another day or pays back."""

    AWAITING_PAYMENT = "awaiting_payment"
    TO_DECIDE = "to_decide"
    TO_PREPARE = "to_prepare"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"


class PaidState(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class CancelCause(StrEnum):
    """Why an order ended early. Only one that was not paid in time may be taken up again."""

    UNPAID = "unpaid"
    SHOP = "shop"
    PAYMENT_FAILED = "payment_failed"  # the shopper did all, and a bank sent the money back
    SHOP_STOPPED = "shop_stopped"  # the shop was suspended or closed
    DAY_REFUSED = "day_refused"  # the shopper did not want the other day


class PriceOrigin(StrEnum):
    """Where a line's price came from."""

    LIST = "list"


class OrderEventKind(StrEnum):
    PLACED = "placed"
    PAID = "paid"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    TAKEN_UP_AGAIN = "taken_up_again"
    PAID_TOO_LATE = "paid_too_late"
    REFUND_REQUESTED = "refund_requested"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    PAYMENT_FAILED = "payment_failed"
    STOCK_RELEASED = "stock_released"
    PAID_LATE = "paid_late"
    MOVED = "moved"
    SETTLED = "settled"
    WENT_ON = "went_on"


class OrderCounter(TenantOwned, Base):
    """The last number given; one row per shop, so numbers tell nothing about other shops."""

    __tablename__ = "order_counters"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    last_number: Mapped[int]


class Order(TenantOwned, Base):
    """What a shopper agreed to buy, at the prices shown when they agreed."""

    __tablename__ = "orders"
    __table_args__ = (
        tenant_key("pickup_point_id", "pickup_points"),
        UniqueConstraint("tenant_id", "number"),
        Index(
            "uq_orders_open_pickup_code",
            "tenant_id",
            "pickup_code",
            unique=True,
            postgresql_where=text("state NOT IN ('collected', 'cancelled')"),
        ),
        Index(None, "tenant_id", "state", "pickup_on"),
        Index(None, "tenant_id", "contact_email"),
        Index(None, "tenant_id", "pickup_point_id"),
        CheckConstraint("total_minor > 0", name="total"),
        CheckConstraint("paid_state = 'unpaid' OR state <> 'awaiting_payment'", name="paid"),
        CheckConstraint("paid_state <> 'unpaid' OR state <> 'collected'", name="collected"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_cause IS NULL)", name="cause"),
    )

    number: Mapped[int]
    state: Mapped[OrderState]
    paid_state: Mapped[PaidState] = mapped_column(default=PaidState.UNPAID)
    method: Mapped[PaymentMethod]
    # What its stock is held under: its own id, or a new one after it was taken up again.
    hold_ref: Mapped[UUID]
    currency: Mapped[str]
    total_minor: Mapped[int]
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    pickup_point_id: Mapped[UUID]
    pickup_on: Mapped[date]
    pickup_opens: Mapped[clock_time]
    pickup_closes: Mapped[clock_time]
    place_en: Mapped[str]
    place_zh: Mapped[str]
    place_address: Mapped[str]
    pickup_code: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    placed_at: Mapped[datetime] = mapped_column(default=clock.now)
    pay_by: Mapped[datetime | None]
    # Set once its money is slow: until then its stock stays, afterwards it comes too late.
    held_until: Mapped[datetime | None]
    # Until then the shopper may refuse the other day that the shop has put it on.
    refuse_by: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_cause: Mapped[CancelCause | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    lines: Mapped[list["OrderLine"]] = related("OrderLine", order_by="OrderLine.position")
    events: Mapped[list["OrderEvent"]] = related("OrderEvent", order_by="OrderEvent.at")

    def place_in(self, language: str) -> str:
        """What the pick-up point was called at the sale."""
        return self.place_zh if language == "zh" else self.place_en

    @property
    def total(self) -> Money:
        """What the shopper agreed to pay."""
        return Money(self.total_minor, self.currency)


class OrderLine(TenantOwned, Base):
    """One product as it was sold: what was ordered, what the price is worked out on, and whence.

    Weighing may later change `priced_milli` and the sum; `ordered_milli` stays what was asked for.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        tenant_key("order_id", "orders"),
        tenant_key("product_id", "products"),
        UniqueConstraint("tenant_id", "order_id", "product_id"),
        CheckConstraint("ordered_milli > 0 AND priced_milli >= 0", name="quantities"),
        CheckConstraint("unit_price_minor >= 0 AND sum_minor >= 0", name="amounts"),
        Index(None, "tenant_id", "product_id"),
    )

    order_id: Mapped[UUID]
    product_id: Mapped[UUID]
    position: Mapped[int]
    name_en: Mapped[str]
    name_zh: Mapped[str]
    grower: Mapped[str]
    unit: Mapped[Unit]
    ordered_milli: Mapped[int]
    priced_milli: Mapped[int]
    unit_price_minor: Mapped[int]
    price_origin: Mapped[PriceOrigin]
    product_version: Mapped[int]
    currency: Mapped[str]
    sum_minor: Mapped[int]

    def name_in(self, language: str) -> str:
        """What the product was called at the sale."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def sum(self) -> Money:
        """The line's price, worked out once at the sale."""
        return Money(self.sum_minor, self.currency)

    @property
    def unit_price(self) -> Money:
        """The price of one whole unit at the sale."""
        return Money(self.unit_price_minor, self.currency)


class OrderEvent(TenantOwned, Base):
    """Something that happened to an order, and who did it. Written once, never changed.

    `reference` is the payment or refund it tells of, so that news heard twice is told once.
    """

    __tablename__ = "order_events"
    __table_args__ = (
        tenant_key("order_id", "orders"),
        UniqueConstraint("tenant_id", "order_id", "kind", "reference"),
    )

    order_id: Mapped[UUID]
    kind: Mapped[OrderEventKind]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_name: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    amount_minor: Mapped[int | None]
    reference: Mapped[UUID | None]


class CheckoutKey(TenantOwned, Base):
    """A checkout form that has made its order: sent again, it leads to the same one."""

    __tablename__ = "checkout_keys"
    __table_args__ = (
        tenant_key("order_id", "orders"),
        UniqueConstraint("tenant_id", "key"),
        Index(None, "tenant_id", "order_id"),
    )

    key: Mapped[str]
    fingerprint: Mapped[str]
    order_id: Mapped[UUID | None]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
