"""What machines ask a shop for: its colours, and what may be indexed."""

from flask import Response, g, render_template
from flask.typing import ResponseReturnValue

from kernel.policy import public
from storefront.catalog.queries import list_addresses, list_categories
from storefront.shop import shop
from storefront.shop.frame import ShopHere
from storefront.shop.themes import render_theme_css
from tenants.signin.closed import stays_open

MOST_PRODUCTS = 5000
DAY = 86_400


@shop.get("/theme.css")
@public
@stays_open
def show_theme() -> ResponseReturnValue:
    """The shop's colours. The address changes with them, so browsers may keep the answer."""
    answer = Response(
        render_theme_css(g.profile.theme, g.profile.accent), content_type="text/css; charset=utf-8"
    )
    answer.headers["Cache-Control"] = f"public, max-age={DAY}"
    return answer


@shop.get("/robots.txt")
@public
def show_robots() -> ResponseReturnValue:
    """Shelves may be read by machines; carts and orders may not."""
    text = render_template("shop/robots.txt", origin=ShopHere(g.profile).url)
    return Response(text, content_type="text/plain; charset=utf-8")


@shop.get("/sitemap.xml")
@public
def show_sitemap() -> ResponseReturnValue:
    """Every shelf and product in every language of the shop."""
    text = render_template(
        "shop/sitemap.xml",
        origin=ShopHere(g.profile).url,
        products=list_addresses(most=MOST_PRODUCTS),
        categories=list_categories(on_sale_only=True),
        codes=g.profile.languages,
    )
    return Response(text, content_type="application/xml; charset=utf-8")
