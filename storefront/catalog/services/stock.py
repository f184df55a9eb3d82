"""Stock is set aside, given back and sold; never more than there is, never twice.

Every change is one conditional UPDATE per product, in the order of their ids, so that two buyers
never wait for each other in a ring and the last box is sold once.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.db import for_update, new_id, transaction
from kernel.quantity import decimal_quantity
from kernel.scope import current_tenant_id
from storefront.catalog.errors import HoldIsOver, NotEnoughStock, ProductNotFound, StockChanged
from storefront.catalog.models import HoldState, Product, StockHold
from tenants.audit.services import record

READ_AGAIN = {"populate_existing": True, "synchronize_session": False}


def hold_stock(*, reference: UUID, quantities: Mapping[UUID, int]) -> None:
    """Set thousandths of products aside for a reference; repeating it changes nothing.

    Raises NotEnoughStock for the first product of which too little is left or that is not on
    sale, and HoldIsOver when the reference's stock was given back; the caller's transaction ends.
    """
    with transaction() as session:
        _refuse_unknown(session, quantities)
        for product_id in sorted(quantities):
            quantity = quantities[product_id]
            assert quantity > 0, "nothing to set aside"
            if _new_hold(session, reference, product_id, quantity):
                _take(session, product_id, quantity)


def release_stock(*, reference: UUID) -> None:
    """What is held for the reference can be sold to others again; repeating it changes nothing.
    What was sold stays sold."""
    _give_back(reference, HoldState.HELD)


def return_stock(*, reference: UUID) -> None:
    """What was sold to the reference is back in stock: an order undone before it was collected."""
    _give_back(reference, HoldState.SOLD)


def sell_stock(*, reference: UUID) -> None:
    """What is held for the reference is gone for good; repeating it changes nothing."""
    with transaction() as session:
        for hold in _holds(session, reference, HoldState.HELD):
            hold.state = HoldState.SOLD


def change_stock(*, product_id: UUID, seen_milli: int, stock_milli: int) -> None:
    """The stock is what a person counted. Raises StockChanged when it is no longer what that
    person saw, because someone bought meanwhile or a colleague counted too."""
    with transaction() as session:
        changed = session.scalars(
            update(Product)
            .where(Product.id == product_id, Product.stock_milli == seen_milli)
            .values(stock_milli=stock_milli)
            .returning(Product),
            execution_options=READ_AGAIN,
        ).one_or_none()
        if changed is None:
            left = _left(session, product_id)
            raise StockChanged(left=decimal_quantity(left), left_milli=left)
        record(
            action="stock.counted",
            subject=str(product_id),
            milli_before=seen_milli,
            milli_after=stock_milli,
        )


def _refuse_unknown(session: Session, quantities: Mapping[UUID, int]) -> None:
    known = set(session.scalars(select(Product.id).where(Product.id.in_(list(quantities)))))
    for product_id in quantities:
        if product_id not in known:
            raise NotEnoughStock(product_id=product_id, left_milli=0)


def _new_hold(session: Session, reference: UUID, product_id: UUID, quantity: int) -> bool:
    made = session.scalars(
        insert(StockHold)
        .values(
            tenant_id=current_tenant_id(),
            id=new_id(),
            reference=reference,
            product_id=product_id,
            quantity_milli=quantity,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "reference", "product_id"])
        .returning(StockHold.id)
    ).one_or_none()
    if made is not None:
        return True
    query = select(StockHold).where(
        StockHold.reference == reference, StockHold.product_id == product_id
    )
    known = session.scalars(for_update(query)).one()
    assert known.quantity_milli == quantity, "a reference holds one quantity of a product"
    if known.state is HoldState.RELEASED:
        raise HoldIsOver
    return False


def _take(session: Session, product_id: UUID, quantity: int) -> None:
    taken = session.scalars(
        update(Product)
        .where(
            Product.id == product_id,
            Product.stock_milli >= quantity,
            Product.published_at.is_not(None),
            Product.archived_at.is_(None),
        )
        .values(stock_milli=Product.stock_milli - quantity)
        .returning(Product),
        execution_options=READ_AGAIN,
    ).one_or_none()
    if taken is None:
        raise NotEnoughStock(product_id=product_id, left_milli=_on_sale(session, product_id))


def _give_back(reference: UUID, state: HoldState) -> None:
    with transaction() as session:
        for hold in _holds(session, reference, state):
            hold.state = HoldState.RELEASED
            session.scalars(
                update(Product)
                .where(Product.id == hold.product_id)
                .values(stock_milli=Product.stock_milli + hold.quantity_milli)
                .returning(Product),
                execution_options=READ_AGAIN,
            ).one()


def _holds(session: Session, reference: UUID, state: HoldState) -> list[StockHold]:
    query = (
        select(StockHold)
        .where(StockHold.reference == reference, StockHold.state == state)
        .order_by(StockHold.product_id)
    )
    return list(session.scalars(for_update(query)))


def _on_sale(session: Session, product_id: UUID) -> int:
    query = select(Product.stock_milli).where(
        Product.id == product_id, Product.published_at.is_not(None), Product.archived_at.is_(None)
    )
    return session.scalars(query).one_or_none() or 0


def _left(session: Session, product_id: UUID) -> int:
    left = session.scalars(
        select(Product.stock_milli).where(Product.id == product_id)
    ).one_or_none()
    if left is None:
        raise ProductNotFound
    return left
