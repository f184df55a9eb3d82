"""What search engines and link previews are told about a page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, request

from kernel.i18n import HTML_LANG, LANGUAGES, language
from storefront.catalog.models import Product
from storefront.shop.cards import Card
from storefront.shop.frame import ShopHere

KEPT = ("page",)


@dataclass(frozen=True)
class Addresses:
    """The page's own address and the same page in each language of the shop."""

    canonical: str
    alternates: list[tuple[str, str]]


def addresses() -> Addresses:
    """Built from the stored host; of the query only what makes another page."""
    here = ShopHere(g.profile).url + request.path
    kept = {name: request.args[name] for name in KEPT if name in request.args}
    offered = [code for code in g.profile.languages if code in LANGUAGES]

    def with_language(code: str) -> str:
        return f"{here}?{urlencode(kept | {'lang': code})}"

    return Addresses(
        canonical=with_language(language()),
        alternates=[(HTML_LANG[code], with_language(code)) for code in offered],
    )


def product_facts(product: Product, card: Card) -> dict[str, object]:
    """A product in schema.org's words."""
    origin = ShopHere(g.profile).url
    facts: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": card.name,
        "description": product.description_in(language())[:500],
        "offers": {
            "@type": "Offer",
            "price": str(card.price.decimal),
            "priceCurrency": card.price.currency,
            "availability": "https://schema.org/" + ("SoldOut" if card.sold_out else "InStock"),
            "url": f"{origin}/products/{card.slug}",
        },
    }
    if card.photo is not None:
        facts["image"] = origin + card.photo.src
    if card.grower:
        facts["brand"] = {"@type": "Organization", "name": card.grower}
    return facts
