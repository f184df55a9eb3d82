"""The list of products, where price and stock are changed in place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_symbol
from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, ngettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.product_forms import PriceForm, StateForm, StockForm
from kernel.i18n import language
from kernel.money import Money
from kernel.quantity import decimal_quantity
from kernel.text import tidy_line
from storefront.catalog.models import Product, ProductPhoto, ProductState
from storefront.catalog.queries import (
    Wanted,
    count_products,
    count_samples,
    get_own_product,
    list_categories,
    list_products_in,
)
from storefront.catalog.services import (
    archive_product,
    change_price,
    change_stock,
    publish_product,
    remove_samples,
    unpublish_product,
)
from tenants.media.queries import picture_path, picture_srcset
from tenants.people.rules import Permission

SMALL = 320


@dataclass(frozen=True)
class Row:
    """A product as the list and its cells show it."""

    product: Product
    price_form: PriceForm | None = None
    stock_form: StockForm | None = None
    saved: bool = False

    @property
    def name(self) -> str:
        return self.product.name_in(language())

    @property
    def photo(self) -> dict[str, str] | None:
        return photo_of(self.product.photos[0]) if self.product.photos else None

    @property
    def money(self) -> Money:
        return Money(self.product.price_minor, g.profile.currency)

    @property
    def price_text(self) -> str:
        typed = self.price_form and self.price_form.price.data
        return typed or str(self.money.decimal)

    @property
    def stock_text(self) -> str:
        typed = self.stock_form and self.stock_form.stock.data
        return typed or str(decimal_quantity(self.product.stock_milli))


def photo_of(photo: ProductPhoto) -> dict[str, str]:
    """A picture in the widths that browsers may choose from."""
    media_id = photo.media_id
    return {"src": picture_path(media_id, SMALL), "srcset": picture_srcset(media_id)}


def currency_symbol() -> str:
    """The shop's currency as it stands before an amount."""
    return str(get_currency_symbol(g.profile.currency, locale=get_locale()))


@backoffice.get("/products")
@requires(Permission.EDIT_STOCK)
def list_products() -> ResponseReturnValue:
    """Products of one state, searched, filtered and by name."""
    return _page()


@backoffice.get("/products/<uuid:product_id>/stock")
@backoffice.get("/products/<uuid:product_id>/price")
@requires(Permission.EDIT_STOCK)
def back_to_list(product_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - part of the address
    """After a refused change the page has this address; its links lead back to the list."""
    return redirect(_list_url(), 303)


@backoffice.post("/products/<uuid:product_id>/stock")
@requires(Permission.EDIT_STOCK)
def count_stock(product_id: UUID) -> ResponseReturnValue:
    """The stock becomes what was counted, unless it has changed since it was shown."""
    get_own_product(product_id)
    form = StockForm()
    done = form.validate_on_submit() and form.attempt(
        _count, product_id=product_id, seen_milli=form.seen.data, stock_milli=form.stock.milli
    )
    return _cell("stock", product_id, form, done=bool(done))


@backoffice.post("/products/<uuid:product_id>/price")
@requires(Permission.EDIT_PRODUCTS)
def set_price(product_id: UUID) -> ResponseReturnValue:
    """The price becomes what was typed, unless a colleague changed the product meanwhile."""
    get_own_product(product_id)
    form = PriceForm()
    done = form.validate_on_submit() and form.attempt(
        change_price,
        product_id=product_id,
        version=form.version.data,
        price_minor=form.price.money.minor,
    )
    return _cell("price", product_id, form, done=bool(done))


@backoffice.post("/products/<uuid:product_id>/publication")
@requires(Permission.EDIT_PRODUCTS)
def move_product(product_id: UUID) -> ResponseReturnValue:
    """Into the shop, out of it, or into the archive."""
    moves = {
        ProductState.PUBLISHED: (publish_product, gettext("Shoppers can buy it now.")),
        ProductState.DRAFT: (unpublish_product, gettext("Shoppers no longer see it.")),
        ProductState.ARCHIVED: (archive_product, gettext("It is in the archive.")),
    }
    form = StateForm()
    if form.validate_on_submit() and form.state.data in moves:
        move, words = moves[ProductState(form.state.data)]
        move(product_id=product_id)
        flash(words, "ok")
    return redirect(url_for("backoffice.show_product", product_id=product_id), 303)


@backoffice.post("/samples/removal")
@requires(Permission.EDIT_PRODUCTS)
def drop_samples() -> ResponseReturnValue:
    """The sample products of the first day go, in one click."""
    count = remove_samples()
    flash(ngettext("%(num)s sample removed.", "%(num)s samples removed.", count), "ok")
    return redirect(url_for("backoffice.list_products"), 303)


def _count(*, product_id: UUID, seen_milli: int, stock_milli: int) -> bool:
    change_stock(product_id=product_id, seen_milli=seen_milli, stock_milli=stock_milli)
    return True


def _cell(
    name: str, product_id: UUID, form: StockForm | PriceForm, *, done: bool
) -> ResponseReturnValue:
    """Only the cell for a script, the list for a browser without one."""
    status = 200 if done else form.status
    shown = None if done else form
    if "HX-Request" in request.headers:
        row = Row(get_own_product(product_id), **{f"{name}_form": shown}, saved=done)
        return render_template(
            "backoffice/products/cell.html", row=row, name=name, **_shared()
        ), status
    if done:
        flash(gettext("Saved."), "ok")
        return redirect(_list_url(), 303)
    return _page(product_id, **{f"{name}_form": shown}), status


def _page(product_id: UUID | None = None, **refused: object) -> str:
    tab = _tab()
    wanted = Wanted(
        search=tidy_line(request.args.get("q", "")),
        category_slug=request.args.get("category", ""),
        language=language(),
        page=request.args.get("page", 1, type=int),
    )
    page = list_products_in(tab, wanted)
    rows = [Row(p, **(refused if p.id == product_id else {})) for p in page.rows]  # type: ignore[arg-type]  # one form of the row
    counts = count_products()
    return render_template(
        "backoffice/products/list.html",
        page=page,
        rows=rows,
        tab=tab.value,
        tabs=[(state.value, words, counts[state]) for state, words in _tab_words()],
        filters=[(c.slug, c.name_in(language())) for c in list_categories()],
        samples=count_samples(),
        searched=bool(wanted.search or wanted.category_slug),
        **_shared(),
    )


def _shared() -> dict[str, object]:
    """What the list and a cell by itself both show: the currency, and which list it is."""
    return {"currency": currency_symbol(), "list_state": _list_state()}


def _tab() -> ProductState:
    asked = request.args.get("tab", "")
    return ProductState(asked) if asked in list(ProductState) else ProductState.PUBLISHED


def _tab_words() -> list[tuple[ProductState, str]]:
    return [
        (ProductState.PUBLISHED, gettext("In the shop")),
        (ProductState.DRAFT, gettext("Not in the shop")),
        (ProductState.ARCHIVED, gettext("Archive")),
    ]


def _list_url() -> str:
    return url_for("backoffice.list_products", **_list_state())


def _list_state() -> dict[str, Any]:
    names = ("tab", "q", "category", "page")
    return {name: request.args[name] for name in names if request.args.get(name)}
