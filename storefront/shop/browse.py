"""Looking around: home, a category, a product, search."""

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kernel.errors import Refused
from kernel.i18n import language
from kernel.policy import public
from kernel.quantity import MAX_MILLI, decimal_quantity, parse_quantity
from kernel.text import tidy_line
from storefront.catalog.errors import CategoryNotFound
from storefront.catalog.models import Product
from storefront.catalog.queries import find_category, get_product, list_categories, list_products
from storefront.shop import shop
from storefront.shop.cards import make_card, make_cards, price_words
from storefront.shop.frame import open_places
from storefront.shop.seo import addresses, product_facts
from storefront.shop.visitor import current_cart
from tenants.accounts.rich_text import render_markdown

FROM_THE_SAME_SHELF = 4


@shop.get("/")
@public
def show_home() -> ResponseReturnValue:
    """What is on sale, and where and when to collect it."""
    found = list_products(language=language(), page=_page())
    return render_template(
        "shop/home.html",
        page=found,
        cards=make_cards(found.rows, current_cart(), g.profile.currency),
        categories=list_categories(on_sale_only=True),
        places=open_places(),
        addresses=addresses(),
    )


@shop.get("/categories/<slug>")
@public
def show_category(slug: str) -> ResponseReturnValue:
    """One shelf."""
    category = find_category(slug)
    if category is None:
        raise CategoryNotFound
    found = list_products(category_slug=slug, language=language(), page=_page())
    return render_template(
        "shop/category.html",
        category=category,
        page=found,
        cards=make_cards(found.rows, current_cart(), g.profile.currency),
        categories=list_categories(on_sale_only=True),
        addresses=addresses(),
    )


@shop.get("/search")
@public
def search() -> ResponseReturnValue:
    """What the words find, by product and by grower."""
    words = tidy_line(request.args.get("q", ""))[:200]
    found = list_products(search=words, language=language(), page=_page()) if words else None
    return render_template(
        "shop/search.html",
        words=words,
        page=found,
        cards=make_cards(found.rows if found else [], current_cart(), g.profile.currency),
        categories=list_categories(on_sale_only=True),
    )


@shop.get("/products/<slug>")
@public
def show_product(slug: str) -> ResponseReturnValue:
    """One product with its price for a whole unit and for the chosen quantity."""
    product = get_product(slug)
    return render_product(product, chosen=request.args.get("quantity", ""))


@shop.get("/products/<slug>/price")
@public
def show_price(slug: str) -> ResponseReturnValue:
    """Only the price of a chosen quantity, for the part of the page that shows it."""
    product = get_product(slug)
    return render_template("shop/chosen_price.html", words=words_for(product, _chosen(product)))


def render_product(product: Product, *, chosen: str = "", problem: str = "") -> str:
    """The product's page, with the quantity as typed and what is wrong with it."""
    card = make_card(product, current_cart(), g.profile.currency)
    typed = chosen or (card.quantity if card.quantity != "0" else card.step)
    shelf = product.category.slug if product.category else None
    beside = list_products(category_slug=shelf, language=language(), size=FROM_THE_SAME_SHELF + 1)
    others = [other for other in beside.rows if other.id != product.id][:FROM_THE_SAME_SHELF]
    return render_template(
        "shop/product.html",
        product=product,
        card=card,
        typed=typed,
        problem=problem,
        words=words_for(product, typed),
        description=render_markdown(product.description_in(language())),
        others=make_cards(others, current_cart(), g.profile.currency),
        addresses=addresses(),
        facts=product_facts(product, card),
        shelf_url=url_for("shop.show_category", slug=shelf) if shelf else url_for("shop.show_home"),
    )


def words_for(product: Product, typed: str) -> str:
    """What the typed quantity costs; nothing for what is no quantity."""
    try:
        milli = parse_quantity(typed)
    except Refused:
        return ""
    return price_words(product, milli, g.profile.currency) if 0 < milli < MAX_MILLI else ""


def _chosen(product: Product) -> str:
    return request.args.get("quantity") or str(decimal_quantity(product.step_milli))


def _page() -> int:
    return request.args.get("page", 1, type=int)
