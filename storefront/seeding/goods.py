"""What demo and sample shops sell, in words and numbers."""

from dataclasses import dataclass, field
from fractions import Fraction

from kernel.money import EXPONENTS, round_half_away
from kernel.quantity import Unit
from storefront.catalog.rules import Names

# What about one euro is worth, in minor units, for sample prices only.
WORTH = {"CNY": 400, "HKD": 800, "TWD": 2000, "JPY": 160, "KRW": 1600, "VND": 27_000, "MXN": 2000,
         "SEK": 1100, "NOK": 1100, "DKK": 750, "CZK": 2500, "THB": 3500, "PLN": 400, "RON": 500,
         "BRL": 600, "MYR": 500}  # fmt: skip


@dataclass(frozen=True)
class Good:
    """A product to be: the price is in hundredths of a euro or, in Hillside, of a yuan."""

    picture: str
    names: Names
    shelf: str
    unit: Unit
    price: int
    step_milli: int
    stock: int
    grower: str = ""
    texts: Names = field(default_factory=Names)
    published: bool = True


SHELVES = {
    "vegetables": Names("Vegetables", "蔬菜"),
    "fruit": Names("Fruit", "水果"),
    "dairy": Names("Eggs and dairy", "蛋奶"),
    "pantry": Names("Pantry", "粮油干货"),
}

SAMPLES = (
    Good(
        "carrots", Names("Carrots", "胡萝卜"), "vegetables", Unit.KG, 320, 250, 40, "Your farm",
        Names("Sweet and crisp, harvested **the day before** pick-up.",
              "脆甜，自提**前一天**采收。"),
    ),
    Good(
        "potatoes", Names("Potatoes", "土豆"), "vegetables", Unit.KG, 240, 500, 80, "Your farm",
        Names("A waxy kind for salads. Keep them dark and cool.", "口感紧实，适合凉拌。避光保存。"),
    ),
    Good(
        "apples", Names("Apples", "苹果"), "fruit", Unit.KG, 350, 250, 60, "Your orchard",
        Names("Red, juicy, not sprayed after blossom.", "红润多汁，花后不打药。"),
    ),
    Good(
        "eggs", Names("Ten eggs", "鸡蛋（十枚）"), "dairy", Unit.BOX, 480, 1000, 30, "Your hens",
        Names("From hens that go out every day.", "每天户外散养的母鸡所产。"),
    ),
)  # fmt: skip


def sample_price(good: Good, currency: str) -> int:
    """About the same value in another currency, with no odd figures at its end."""
    worth = WORTH.get(currency, 100 if EXPONENTS[currency] else 1)
    minor = round_half_away(Fraction(good.price * worth, 100))
    coin = 10 if worth < 10 * WORTH["CNY"] else 100
    return max(coin, round_half_away(Fraction(minor, coin)) * coin)
