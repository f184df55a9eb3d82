"""What may become of an order, what is left to pay back, and codes that people read aloud."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from billing.connections.models import PaymentMethod
from kernel.vault import read_signed, sign
from storefront.carts.rules import CartNow, Seen
from storefront.orders.models import (
    CancelCause,
    Order,
    OrderLine,
    OrderState,
    PaidState,
    PriceOrigin,
)

# Without 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: read aloud or from a phone, no two are taken for another.
WAY_BACK = timedelta(days=1)
CODE_LETTERS = "ACDEFGHJKMNPQRTUWXY34679"
CODE_LENGTH = 6
NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.AWAITING_PAYMENT: frozenset(
        {OrderState.TO_PREPARE, OrderState.TO_DECIDE, OrderState.CANCELLED}
    ),
    OrderState.TO_DECIDE: frozenset({OrderState.TO_PREPARE, OrderState.CANCELLED}),
    OrderState.TO_PREPARE: frozenset(
        {OrderState.READY, OrderState.COLLECTED, OrderState.CANCELLED}
    ),
    OrderState.READY: frozenset({OrderState.COLLECTED, OrderState.CANCELLED}),
    OrderState.COLLECTED: frozenset(),
    OrderState.CANCELLED: frozenset({OrderState.TO_PREPARE}),
}
OPEN = (
    OrderState.AWAITING_PAYMENT,
    OrderState.TO_DECIDE,
    OrderState.TO_PREPARE,
    OrderState.READY,
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a shopper fills in, and what the page said beside it. `key` belongs to the form, so
    that sending it twice counts once. Without `seen` nothing was agreed, and nothing is ordered."""

    key: str
    name: str
    email: str
    phone: str
    point_id: UUID
    day: date
    method: PaymentMethod
    language: str
    note: str = ""
    seen: Seen | None = None

    @property
    def agreed(self) -> str:
        """The digest of what was shown of the order at the chosen place and day."""
        return self.seen.digest(self.point_id, self.day) if self.seen else ""

    @property
    def fingerprint(self) -> str:
        """The same for the same answers, whatever the key."""
        answers = [
            self.name, self.email, self.phone, str(self.point_id), self.day.isoformat(),
            self.method.value, self.note, self.agreed,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(answers).encode()).hexdigest()


def lines_from(cart: CartNow) -> list[OrderLine]:
    """The cart's lines as they are sold: names, amounts and prices no longer change."""
    return [
        OrderLine(
            product_id=line.product.id,
            position=position,
            name_en=line.product.name_in("en"),
            name_zh=line.product.name_in("zh"),
            grower=line.product.grower,
            unit=line.product.unit,
            ordered_milli=line.quantity_milli,
            priced_milli=line.quantity_milli,
            unit_price_minor=line.product.price_minor,
            price_origin=PriceOrigin.LIST,
            product_version=line.product.version,
            currency=line.sum.currency,
            sum_minor=line.sum.minor,
        )
        for position, line in enumerate(cart.orderable, 1)
    ]


def may_become(state: OrderState, wanted: OrderState) -> bool:
    """Whether an order may go from one state to another."""
    return wanted in NEXT[state]


def may_be_taken_up_again(*, cause: CancelCause | None, too_late: bool, selling: bool) -> bool:
    """Money that came late revives an order only if it was waited for, its day can still be
    reached, and the shop sells."""
    return cause is CancelCause.UNPAID and not too_late and selling


def comes_too_late(*, pickup_ends: datetime, held_until: datetime | None, now: datetime) -> bool:
    """Whether money that arrives now cannot be packed for the order's day: the day is over, or
    slow money has outlived the time for which the products were kept."""
    return now >= pickup_ends or (held_until is not None and now >= held_until)


def pickup_end(order: Order, zone: ZoneInfo) -> datetime:
    """The instant at which the order's place closes on its day."""
    return datetime.combine(order.pickup_on, order.pickup_closes, tzinfo=zone)


def pickup_start(order: Order, zone: ZoneInfo) -> datetime:
    """The instant at which the order's place opens on its day."""
    return datetime.combine(order.pickup_on, order.pickup_opens, tzinfo=zone)


def may_refuse_the_day(state: OrderState, refuse_by: datetime | None, now: datetime) -> bool:
    """Whether the shopper may still say no to the other day and have the money back."""
    return state is OrderState.TO_PREPARE and refuse_by is not None and now < refuse_by


def paid_state(*, paid_minor: int, refunded_minor: int) -> PaidState:
    """How an order stands, by the money that has really moved."""
    if paid_minor == 0:
        return PaidState.UNPAID
    if refunded_minor == 0:
        return PaidState.PAID
    return PaidState.PART_REFUNDED if refunded_minor < paid_minor else PaidState.REFUNDED


def new_pickup_code() -> str:
    """Six letters and figures that are easy to read aloud."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def order_token(order_id: UUID, tenant_id: UUID) -> str:
    """What makes the address of an order's page impossible to guess; worth nothing elsewhere."""
    return sign([order_id.hex], purpose=f"order page|{tenant_id}")


def read_order_token(token: str, tenant_id: UUID) -> UUID | None:
    """The order a token of this shop is for; None for any other text."""
    parts = read_signed(token, purpose=f"order page|{tenant_id}")
    return UUID(hex=parts[0]) if parts else None


def return_token(order_id: UUID, tenant_id: UUID, *, pay_by: datetime) -> str:
    """What leads from the payment provider back to an order, and opens nothing a day after it was
    to be paid: providers keep the addresses they are given.

    The same whenever it is made, so that a page asked for again is asked for in the same words.
    """
    until = int((pay_by + WAY_BACK).timestamp())
    return sign([order_id.hex, str(until)], purpose=f"way back|{tenant_id}")


def read_return_token(token: str, tenant_id: UUID, *, now: datetime) -> UUID | None:
    """The order a way back of this shop leads to; None for any other text, and once it is over."""
    parts = read_signed(token, purpose=f"way back|{tenant_id}")
    return UUID(hex=parts[0]) if parts and now.timestamp() < int(parts[1]) else None


def is_payable(state: OrderState, pay_by: datetime | None, now: datetime) -> bool:
    """Whether the shopper may still go and pay online."""
    return state is OrderState.AWAITING_PAYMENT and pay_by is not None and now < pay_by


def plain_code(typed: str) -> str:
    """A code as stored, from what was typed or scanned: no spaces or dashes, upper case."""
    return "".join(char for char in typed.upper() if char.isalnum())


def readable_code(code: str) -> str:
    """A code in two groups of three, as it is shown."""
    return f"{code[:3]} {code[3:]}"
