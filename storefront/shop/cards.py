"""A product as the shop shows it, with how much of it lies in the cart."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext

from kernel.i18n import language, money_text, quantity_text
from kernel.money import Money
from kernel.quantity import MILLI, decimal_quantity, price_of
from kernel.scope import current_tenant_id
from storefront.carts.rules import CartNow, seal_terms, terms_of
from storefront.catalog.models import Product
from storefront.shop.frame import Photo, photo_of

FEW_STEPS = 5


@dataclass(frozen=True)
class Card:
    """What a tile and a product page need; quantities are plain decimals for inputs."""

    id: UUID
    slug: str
    name: str
    grower: str
    photo: Photo | None
    price: Money
    compare: str
    unit: str
    step: str
    quantity: str
    most: str
    sold_out: bool
    few_left: str
    seen: str


def make_cards(products: Iterable[Product], cart: CartNow, currency: str) -> list[Card]:
    """One card per product, in their order."""
    return [make_card(product, cart, currency) for product in products]


def make_card(product: Product, cart: CartNow, currency: str) -> Card:
    """The card of one product."""
    name = product.name_in(language())
    photo = product.photos[0] if product.photos else None
    return Card(
        id=product.id,
        slug=product.slug,
        name=name,
        grower=product.grower,
        photo=photo_of(photo.media_id, photo.alt or name) if photo else None,
        price=Money(product.price_minor, currency),
        compare=_for_one_step(product, currency),
        unit=product.unit.value,
        step=str(decimal_quantity(product.step_milli)),
        quantity=str(decimal_quantity(cart.quantity_of(product.id))),
        most=str(decimal_quantity(product.stock_milli - product.stock_milli % product.step_milli)),
        sold_out=product.sold_out,
        few_left=_few_left(product),
        seen=seal_terms(product.id, terms_of(product, currency), current_tenant_id()),
    )


def price_words(product: Product, quantity_milli: int, currency: str) -> str:
    """What a quantity costs: "1.25 kg for €4.38"."""
    return str(
        gettext(
            "%(quantity)s for %(price)s",
            quantity=quantity_text(quantity_milli, product.unit),
            price=money_text(Money(price_of(quantity_milli, product.price_minor), currency)),
        )
    )


def _for_one_step(product: Product, currency: str) -> str:
    if product.step_milli == MILLI:
        return ""
    return price_words(product, product.step_milli, currency)


def _few_left(product: Product) -> str:
    if product.sold_out or product.stock_milli >= FEW_STEPS * product.step_milli:
        return ""
    left = product.stock_milli - product.stock_milli % product.step_milli
    return str(gettext("Only %(left)s left", left=quantity_text(left, product.unit)))
