"""What a cart takes, and what it says has changed."""

import pytest

from kernel.db import new_id, transaction
from kernel.errors import DomainError
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.carts.errors import NotForSale, NotInThisStep, NotSoMuchLeft
from storefront.carts.queries import look_at_cart, what_is_shown
from storefront.carts.rules import CartNow, What, changes_in_cart
from storefront.carts.services import accept_changes, put_in_cart
from storefront.catalog.models import Product
from storefront.catalog.queries import get_own_product
from storefront.catalog.services import unpublish_product
from tenants.accounts.models import Tenant
from tests.factories.orders import make_cart
from tests.factories.storefront import make_product, stock_left


def look(tenant: Tenant, visitor: object) -> CartNow:
    with acting_for(tenant.id):
        return look_at_cart(visitor, "EUR")  # type: ignore[arg-type]  # tests pass ids around


def change(tenant: Tenant, product: Product, **values: object) -> None:
    with acting_for(tenant.id), transaction():
        mine = get_own_product(product.id, lock=True)
        for name, value in values.items():
            setattr(mine, name, value)


def test_a_cart_adds_up_what_lies_in_it(greenfield: Tenant) -> None:
    carrots = make_product(greenfield, price=320)
    eggs = make_product(greenfield, "Eggs", "鸡蛋", price=45, unit=Unit.EACH)

    cart = look(greenfield, make_cart(greenfield, {carrots: "1.25", eggs: "6"}))

    assert (cart.total.minor, cart.count, cart.changed) == (400 + 270, 2, False)


def test_the_same_quantity_sent_twice_counts_once(greenfield: Tenant) -> None:
    carrots = make_product(greenfield)
    visitor = make_cart(greenfield, {carrots: "1"})

    with acting_for(greenfield.id):
        put_in_cart(shopper_session_id=visitor, product_id=carrots.id, quantity_milli=1000)

    assert look(greenfield, visitor).quantity_of(carrots.id) == 1000


def test_zero_takes_a_product_out(greenfield: Tenant) -> None:
    carrots = make_product(greenfield)
    visitor = make_cart(greenfield, {carrots: "1"})

    with acting_for(greenfield.id):
        put_in_cart(shopper_session_id=visitor, product_id=carrots.id, quantity_milli=0)

    assert look(greenfield, visitor).lines == []


@pytest.mark.parametrize(
    ("milli", "refusal"),
    [(1100, NotInThisStep), (-1000, NotInThisStep), (100_250, NotSoMuchLeft)],
)
def test_only_what_is_sold_goes_in(
    greenfield: Tenant, milli: int, refusal: type[DomainError]
) -> None:
    carrots = make_product(greenfield, step="0.25", stock="100")
    visitor = make_cart(greenfield, {carrots: "1"})

    with acting_for(greenfield.id), pytest.raises(refusal):
        put_in_cart(shopper_session_id=visitor, product_id=carrots.id, quantity_milli=milli)

    assert look(greenfield, visitor).quantity_of(carrots.id) == 1000


def test_the_neighbours_products_are_not_for_sale_here(
    greenfield: Tenant, hillside: Tenant
) -> None:
    theirs = make_product(hillside)

    with acting_for(greenfield.id), pytest.raises(NotForSale):
        put_in_cart(shopper_session_id=new_id(), product_id=theirs.id, quantity_milli=1000)


def test_a_cart_is_found_in_its_own_shop_only(greenfield: Tenant, hillside: Tenant) -> None:
    visitor = make_cart(greenfield, {make_product(greenfield): "1"})

    assert look(hillside, visitor).lines == []


def test_filling_a_cart_holds_no_stock(greenfield: Tenant) -> None:
    carrots = make_product(greenfield, stock="10")

    make_cart(greenfield, {carrots: "10"})

    assert stock_left(greenfield, carrots.id) == 10_000


@pytest.mark.parametrize(
    ("values", "kind", "afterwards"),
    [
        ({"price_minor": 400}, What.PRICE, 2000),
        ({"stock_milli": 1300}, What.LESS, 1250),
        ({"stock_milli": 0}, What.SOLD_OUT, 0),
        ({"step_milli": 1500}, What.STEP, 1500),
    ],
)
def test_changes_are_told_and_taken_only_when_asked(
    greenfield: Tenant, values: dict[str, int], kind: What, afterwards: int
) -> None:
    carrots = make_product(greenfield, price=320, step="0.25")
    visitor = make_cart(greenfield, {carrots: "2"})
    change(greenfield, carrots, **values)

    told = look(greenfield, visitor)
    assert [change.what for change in changes_in_cart(told)] == [kind]
    assert told.quantity_of(carrots.id) == 2000

    with acting_for(greenfield.id):
        accept_changes(shopper_session_id=visitor, seen=what_is_shown(visitor))
    taken = look(greenfield, visitor)
    assert (taken.changed, taken.quantity_of(carrots.id)) == (False, afterwards)


def test_what_is_taken_off_the_shelf_counts_for_nothing(greenfield: Tenant) -> None:
    carrots = make_product(greenfield)
    visitor = make_cart(greenfield, {carrots: "2"})
    with acting_for(greenfield.id):
        unpublish_product(product_id=carrots.id)

    cart = look(greenfield, visitor)

    assert [change.what for change in changes_in_cart(cart)] == [What.GONE]
    assert cart.total.minor == 0
