"""Stock at the start = left + held + sold, whatever happens in whatever order."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from kernel.db import db, new_id, transaction
from kernel.scope import acting_for
from storefront.catalog.errors import HoldIsOver, NotEnoughStock, StockChanged
from storefront.catalog.models import HoldState, StockHold
from storefront.catalog.services import (
    change_stock,
    hold_stock,
    release_stock,
    return_stock,
    sell_stock,
    unpublish_product,
)
from tenants.accounts.models import Tenant
from tests.factories.storefront import make_product, stock_left


def in_state(product_id: UUID, state: HoldState) -> int:
    query = select(func.sum(StockHold.quantity_milli)).where(
        StockHold.product_id == product_id, StockHold.state == state
    )
    return int(db.session.scalar(query) or 0)


def test_held_stock_cannot_be_sold_to_others(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, "Eggs", stock="3")

    with acting_for(greenfield.id):
        hold_stock(reference=new_id(), quantities={eggs.id: 2000})
        with pytest.raises(NotEnoughStock) as refused:
            hold_stock(reference=new_id(), quantities={eggs.id: 1001})

    assert refused.value.left_milli == 1000
    assert str(refused.value.facts["left"]) == "1"
    assert stock_left(greenfield, eggs.id) == 1000


def test_holding_twice_under_one_reference_holds_once(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")
    order = new_id()

    with acting_for(greenfield.id):
        for _ in range(2):
            hold_stock(reference=order, quantities={eggs.id: 2000})

    assert stock_left(greenfield, eggs.id) == 3000


def test_too_little_of_one_product_holds_none_of_the_others(greenfield: Tenant) -> None:
    eggs, milk = make_product(greenfield, "Eggs", stock="9"), make_product(greenfield, "Milk")

    with acting_for(greenfield.id), pytest.raises(NotEnoughStock):
        hold_stock(reference=new_id(), quantities={eggs.id: 2000, milk.id: 10**8})

    assert stock_left(greenfield, eggs.id) == 9000


def test_released_stock_is_there_again_once(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")
    order = new_id()

    with acting_for(greenfield.id):
        hold_stock(reference=order, quantities={eggs.id: 2000})
        for _ in range(2):
            release_stock(reference=order)
        with pytest.raises(HoldIsOver):
            hold_stock(reference=order, quantities={eggs.id: 2000})
        sell_stock(reference=order)

    assert stock_left(greenfield, eggs.id) == 5000


def test_sold_stock_is_not_released_but_can_be_returned(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")
    order = new_id()
    with acting_for(greenfield.id):
        hold_stock(reference=order, quantities={eggs.id: 2000})
        for _ in range(2):
            sell_stock(reference=order)
        release_stock(reference=order)
    assert stock_left(greenfield, eggs.id) == 3000

    with acting_for(greenfield.id):
        for _ in range(2):
            return_stock(reference=order)
    assert stock_left(greenfield, eggs.id) == 5000


def test_what_is_not_on_sale_is_not_held(greenfield: Tenant) -> None:
    eggs = make_product(greenfield)

    with acting_for(greenfield.id):
        unpublish_product(product_id=eggs.id)
        with pytest.raises(NotEnoughStock) as refused:
            hold_stock(reference=new_id(), quantities={eggs.id: 250})

    assert refused.value.left_milli == 0


def test_the_neighbours_stock_is_out_of_reach(greenfield: Tenant, hillside: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")

    with acting_for(hillside.id):
        with pytest.raises(NotEnoughStock) as refused:
            hold_stock(reference=new_id(), quantities={eggs.id: 250})
        release_stock(reference=new_id())

    assert refused.value.left_milli == 0
    assert stock_left(greenfield, eggs.id) == 5000


def test_the_session_sees_the_stock_as_it_became(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")

    with acting_for(greenfield.id), transaction() as session:
        seen = session.merge(eggs)
        hold_stock(reference=new_id(), quantities={eggs.id: 2000})
        assert seen.stock_milli == 3000


def test_a_count_made_before_a_sale_is_refused_and_nothing_is_lost(greenfield: Tenant) -> None:
    eggs = make_product(greenfield, stock="5")

    with acting_for(greenfield.id):
        hold_stock(reference=new_id(), quantities={eggs.id: 2000})
        with pytest.raises(StockChanged) as refused:
            change_stock(product_id=eggs.id, seen_milli=5000, stock_milli=9000)
        assert str(refused.value.facts["left"]) == "3"
        change_stock(product_id=eggs.id, seen_milli=3000, stock_milli=7000)

    assert stock_left(greenfield, eggs.id) == 7000


VERBS = [hold_stock, release_stock, sell_stock, return_stock]
steps = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 3),
        st.dictionaries(st.integers(0, 1), st.integers(1, 4000), min_size=1),
    ),
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_stock_is_conserved_under_any_sequence(greenfield: Tenant, played: list) -> None:  # type: ignore[type-arg]  # hypothesis' own shape
    products = [make_product(greenfield, stock="6").id for _ in range(2)]
    orders = [new_id() for _ in range(4)]
    with acting_for(greenfield.id):
        for verb, order, basket in played:
            play(verb, orders[order], {products[place]: q for place, q in basket.items()})
    for product_id in products:
        left = stock_left(greenfield, product_id)
        with acting_for(greenfield.id):
            held = in_state(product_id, HoldState.HELD)
            sold = in_state(product_id, HoldState.SOLD)
        assert left >= 0
        assert left + held + sold == 6000


def play(verb: object, order: UUID, basket: dict[UUID, int]) -> None:
    if verb is not hold_stock:
        verb(reference=order)  # type: ignore[operator]  # one of VERBS
        return
    known = {
        hold.product_id: hold.quantity_milli
        for hold in db.session.scalars(select(StockHold).where(StockHold.reference == order))
    }
    try:
        hold_stock(reference=order, quantities={p: known.get(p, q) for p, q in basket.items()})
    except (NotEnoughStock, HoldIsOver):
        return
