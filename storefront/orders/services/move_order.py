"""Another day for an order whose money came too late, and the shopper's right to refuse it."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel import clock
from kernel.db import new_id, transaction
from kernel.i18n import date_text, language, quantity_text
from kernel.outbox import announce
from storefront.catalog.errors import NotEnoughStock
from storefront.catalog.services import hold_stock, release_stock
from storefront.orders.errors import NotEnoughLeftForDay, NotPossibleNow, PickupDayIsOver
from storefront.orders.models import CancelCause, Order, OrderEventKind, OrderState
from storefront.orders.queries import lock_order
from storefront.orders.rules import may_refuse_the_day, pickup_start
from storefront.orders.services.cancel_order import end_and_pay_back
from storefront.orders.services.timeline import write_event
from storefront.pickup.queries import find_open_day
from tenants.accounts.queries import get_profile
from tenants.audit.services import record


def move_order(*, order_id: UUID, point_id: UUID, day: date) -> Order:
    """The order is packed for this day at this place, its products are set aside again, and its
    shopper hears of it and may refuse. Refused: unless it waits for this decision, a day that can
    no longer be ordered for, and too little stock."""
    with transaction():
        order = lock_order(order_id)
        if order.state is not OrderState.TO_DECIDE:
            raise NotPossibleNow(number=order.number)
        found = find_open_day(point_id=point_id, day=day)
        if found is None:
            raise PickupDayIsOver
        _set_aside(order)
        before = order.pickup_on
        for name, value in found.snapshot.items():
            setattr(order, name, value)
        starts = pickup_start(order, ZoneInfo(get_profile().time_zone))
        order.state, order.held_until = OrderState.TO_PREPARE, None
        order.refuse_by = max(min(found.day.cut_off, starts), clock.now())
        write_event(order, OrderEventKind.MOVED, note=date_text(order.pickup_on, "day"))
        announce("order.moved", order_id=order.id)
        record(
            action="order.moved", subject=str(order.id), before=before.isoformat(),
            after=order.pickup_on.isoformat(),
        )  # fmt: skip
        return order


def refuse_day(*, order_id: UUID) -> Order:
    """The shopper does not want the other day: the order is over and what was paid goes back.

    Refused once it is packed, and after the time that was given.
    """
    with transaction():
        order = lock_order(order_id)
        if not may_refuse_the_day(order.state, order.refuse_by, clock.now()):
            raise NotPossibleNow(number=order.number)
        end_and_pay_back(order, CancelCause.DAY_REFUSED, "", requested_by=None)
        return order


def _set_aside(order: Order) -> None:
    release_stock(reference=order.hold_ref)
    order.hold_ref = new_id()
    wanted = {line.product_id: line.ordered_milli for line in order.lines}
    try:
        hold_stock(reference=order.hold_ref, quantities=wanted)
    except NotEnoughStock as short:
        line = next(one for one in order.lines if one.product_id == short.product_id)
        left = quantity_text(short.left_milli, line.unit)
        raise NotEnoughLeftForDay(name=line.name_in(language()), left=left) from short
