"""One product: described, put in the shop, with its pictures."""

from typing import IO
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.product_forms import (
    AltForm,
    PhotosForm,
    ProductForm,
    blank_form,
    form_of,
)
from admin.backoffice.products import currency_symbol, photo_of
from kernel.errors import Refused
from kernel.i18n import language
from kernel.web import takes_uploads
from storefront.catalog.errors import StockChanged
from storefront.catalog.models import Product
from storefront.catalog.queries import get_own_product
from storefront.catalog.services import (
    MAX_PHOTOS,
    add_photos,
    create_product,
    describe_photo,
    edit_product,
    move_photo,
    publish_product,
    remove_photo,
)
from tenants.people.rules import Permission


@backoffice.get("/products/new")
@requires(Permission.EDIT_PRODUCTS)
def new_product() -> ResponseReturnValue:
    """An empty form."""
    return _show_new(blank_form())


@backoffice.post("/products/new")
@requires(Permission.EDIT_PRODUCTS)
@takes_uploads
def save_new_product() -> ResponseReturnValue:
    """A new product with its first pictures, in the shop at once unless the person says no."""
    form = blank_form()
    if form.validate_on_submit():
        product = form.attempt(create_product, facts=form.facts, stock_milli=form.stock.milli)
        if product is not None:
            _add_photos(product.id)
            if form.published.data:
                publish_product(product_id=product.id)
            flash(gettext("%(name)s is saved.", name=product.name_in(language())), "ok")
            return redirect(_page_of(product.id), 303)
    return _show_new(form), form.status


@backoffice.get("/products/<uuid:product_id>")
@requires(Permission.EDIT_PRODUCTS)
def show_product(product_id: UUID) -> ResponseReturnValue:
    """Everything about a product, to be changed."""
    product = get_own_product(product_id)
    return _show(product, form_of(product))


@backoffice.post("/products/<uuid:product_id>")
@requires(Permission.EDIT_PRODUCTS)
def save_product(product_id: UUID) -> ResponseReturnValue:
    """The product is as typed, unless a colleague or a sale came first."""
    form = form_of(get_own_product(product_id), typed=True)
    if form.validate_on_submit():
        saved = form.attempt(_save, product_id, form)
        if saved is not None:
            flash(gettext("Saved."), "ok")
            return redirect(_page_of(product_id), 303)
    product = get_own_product(product_id)
    form.lay_beside(form_of(product))
    return _show(product, form), form.status


@backoffice.post("/products/<uuid:product_id>/photos")
@requires(Permission.EDIT_PRODUCTS)
@takes_uploads
def upload_photos(product_id: UUID) -> ResponseReturnValue:
    """More pictures, after the ones it has."""
    get_own_product(product_id)
    form = PhotosForm()
    if form.validate_on_submit():
        count = form.attempt(add_photos, product_id=product_id, streams=_streams())
        if count:
            return redirect(_page_of(product_id), 303)
        if count == 0:
            form.photo.errors = [gettext("Choose a picture first.")]
    product = get_own_product(product_id)
    return _show(product, form_of(product), photos=form), form.status


@backoffice.post("/products/<uuid:product_id>/photos/<uuid:photo_id>/description")
@requires(Permission.EDIT_PRODUCTS)
def say_what_photo_shows(product_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """The words for those who cannot see the picture."""
    form = AltForm()
    if form.validate_on_submit():
        describe_photo(product_id=product_id, photo_id=photo_id, alt=form.alt.data or "")
        flash(gettext("Saved."), "ok")
    else:
        flash(str(next(iter(form.errors.values()))[0]), "error")
    return redirect(_page_of(product_id), 303)


@backoffice.post("/products/<uuid:product_id>/photos/<uuid:photo_id>/position")
@requires(Permission.EDIT_PRODUCTS)
def move_photo_forward(product_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """One place nearer to the front; the first one stands on the card."""
    move_photo(product_id=product_id, photo_id=photo_id)
    return redirect(_page_of(product_id), 303)


@backoffice.post("/products/<uuid:product_id>/photos/<uuid:photo_id>/removal")
@requires(Permission.EDIT_PRODUCTS)
def take_photo_away(product_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """The picture and its files are gone."""
    remove_photo(product_id=product_id, photo_id=photo_id)
    flash(gettext("Photo removed."), "ok")
    return redirect(_page_of(product_id), 303)


def _save(product_id: UUID, form: ProductForm) -> Product:
    try:
        return edit_product(
            product_id=product_id, version=form.version.data, facts=form.facts, count=form.count
        )
    except StockChanged as error:
        # The person is told what is left; saving again means that they have counted anew.
        form.seen.raw_data, form.seen.data = None, error.facts["left_milli"]
        raise


def _add_photos(product_id: UUID) -> None:
    """The product is saved already; a picture that cannot be read must not lose it."""
    try:
        add_photos(product_id=product_id, streams=_streams())
    except Refused as error:
        flash(gettext(error.message).format(**error.facts), "warn")


def _streams() -> list[IO[bytes]]:
    return [file.stream for file in request.files.getlist("photo") if file.filename]


def _page_of(product_id: UUID) -> str:
    return url_for("backoffice.show_product", product_id=product_id)


def _show_new(form: ProductForm) -> str:
    return render_template("backoffice/products/new.html", form=form, currency=currency_symbol())


def _show(product: Product, form: ProductForm, photos: PhotosForm | None = None) -> str:
    name = product.name_in(language())
    return render_template(
        "backoffice/products/edit.html",
        product=product,
        name=name,
        form=form,
        photos_form=photos or PhotosForm(formdata=None),
        pictures=[(photo, photo_of(photo)) for photo in product.photos],
        currency=currency_symbol(),
        most=MAX_PHOTOS,
    )
