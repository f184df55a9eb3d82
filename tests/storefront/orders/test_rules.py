"""What may become of an order, without a database."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from kernel.db import new_id
from kernel.vault import sign
from storefront.orders.models import CancelCause, OrderState, PaidState
from storefront.orders.rules import (
    CODE_LETTERS,
    comes_too_late,
    is_payable,
    may_be_taken_up_again,
    may_become,
    new_pickup_code,
    order_token,
    paid_state,
    plain_code,
    read_order_token,
    readable_code,
)

WAITING, DECIDING, PREPARING, READY, COLLECTED, CANCELLED = OrderState
ALLOWED = {
    (WAITING, PREPARING), (WAITING, DECIDING), (WAITING, CANCELLED),
    (DECIDING, PREPARING), (DECIDING, CANCELLED),
    (PREPARING, READY), (PREPARING, COLLECTED), (PREPARING, CANCELLED),
    (READY, COLLECTED), (READY, CANCELLED),
    (CANCELLED, PREPARING),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), list(itertools.product(OrderState, repeat=2)))
def test_an_order_goes_only_these_ways(old: OrderState, new: OrderState) -> None:
    assert may_become(old, new) is ((old, new) in ALLOWED)


@pytest.mark.parametrize(
    ("paid", "back", "state"),
    [
        (0, 0, PaidState.UNPAID),
        (500, 0, PaidState.PAID),
        (500, 1, PaidState.PART_REFUNDED),
        (500, 500, PaidState.REFUNDED),
        (1000, 500, PaidState.PART_REFUNDED),
    ],
)
def test_an_order_stands_by_the_money_that_moved(paid: int, back: int, state: PaidState) -> None:
    assert paid_state(paid_minor=paid, refunded_minor=back) is state


@pytest.mark.parametrize("cause", [*CancelCause, None])
@pytest.mark.parametrize("too_late", [True, False])
@pytest.mark.parametrize("selling", [True, False])
def test_only_an_order_that_was_waited_for_is_taken_up_again(
    cause: CancelCause | None, too_late: bool, selling: bool
) -> None:
    wanted = cause is CancelCause.UNPAID and not too_late and selling
    assert may_be_taken_up_again(cause=cause, too_late=too_late, selling=selling) is wanted


def test_money_comes_too_late_once_the_place_has_closed_or_the_products_went_back_on_sale() -> None:
    ends = datetime(2026, 11, 21, 18, tzinfo=UTC)
    before, held = ends - timedelta(seconds=1), ends - timedelta(hours=24)

    assert not comes_too_late(pickup_ends=ends, held_until=None, now=before)
    assert comes_too_late(pickup_ends=ends, held_until=None, now=ends)
    assert not comes_too_late(pickup_ends=ends, held_until=held, now=held - timedelta(seconds=1))
    assert comes_too_late(pickup_ends=ends, held_until=held, now=held)


def test_an_order_can_be_paid_until_its_time_is_over() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert is_payable(WAITING, noon, noon - timedelta(seconds=1))
    assert not is_payable(WAITING, noon, noon)
    assert not is_payable(WAITING, None, noon)
    assert not is_payable(PREPARING, noon, noon - timedelta(hours=1))


def test_codes_are_read_aloud_and_typed_in_any_way() -> None:
    code = new_pickup_code()

    assert len(code) == 6
    assert set(code) <= set(CODE_LETTERS)
    assert plain_code(f" {readable_code(code).lower()}-") == code
    assert not set("0O1IL2Z5S8BV") & set(CODE_LETTERS)


def test_a_link_opens_one_order_in_one_shop(app: Flask) -> None:
    order, shop, neighbour = new_id(), new_id(), new_id()
    token = order_token(order, shop)

    assert read_order_token(token, shop) == order
    assert order_token(order, shop) == token
    assert read_order_token(token, neighbour) is None
    for other in ("", "x", token[:-1], sign([order.hex], purpose="order page")):
        assert read_order_token(other, shop) is None
