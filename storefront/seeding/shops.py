"""What a demo cooperative is made of."""

from dataclasses import dataclass
from enum import StrEnum

from storefront.catalog.rules import Names
from storefront.pickup.services import PointFacts
from storefront.seeding.goods import Good
from tenants.accounts.services import NewShop, ShopLook
from tenants.people.rules import Role


class Fate(StrEnum):
    """How far a demo order has come."""

    PLACED = "placed"
    PAID = "paid"
    READY = "ready"
    READY_PAID = "ready_paid"
    COLLECTED = "collected"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    ONLINE = "online"


@dataclass(frozen=True)
class DemoPerson:
    """Someone who works in a demo cooperative."""

    name: str
    role: Role
    language: str

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.org"


@dataclass(frozen=True)
class DemoOrder:
    """Who buys how much of what, by the products' places in the list, and what became of it."""

    buyer: str
    email: str
    language: str
    basket: dict[int, int]
    fate: Fate


@dataclass(frozen=True)
class DemoShop:
    """A cooperative with everything it needs to be looked around in."""

    shop: NewShop
    look: ShopLook
    about: Names
    phone: str
    people: tuple[DemoPerson, ...]
    shelves: dict[str, Names]
    goods: tuple[Good, ...]
    points: tuple[PointFacts, ...]
    orders: tuple[DemoOrder, ...]
    country: str = ""
