"""The forms of a product: everything about it, or its price or stock alone."""

from uuid import UUID

from flask import request
from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from admin.backoffice.amounts import MoneyField, QuantityField
from kernel.forms import SheafForm
from kernel.i18n import language, unit_text
from kernel.quantity import MAX_MILLI, Unit
from storefront.catalog.models import Product
from storefront.catalog.queries import list_categories
from storefront.catalog.rules import Names, ProductFacts
from storefront.catalog.services import Count

SHORT = Length(max=120, message=lazy_gettext("Use at most 120 letters."))
LONG = Length(max=10_000, message=lazy_gettext("Use at most 10,000 letters."))
PRICE_MISSING = InputRequired(lazy_gettext("Enter a price such as 3.50."))
STEP_MISSING = InputRequired(lazy_gettext("Enter a step such as 0.25 or 1."))
STOCK_MISSING = InputRequired(lazy_gettext("Enter how much can be sold, or 0."))
SEEN = (InputRequired(), NumberRange(0, MAX_MILLI))


class NewProductForm(SheafForm):
    """Everything that is said about a product, its first stock and its first pictures."""

    name_en = StringField(lazy_gettext("Name in English"), [SHORT])
    name_zh = StringField(lazy_gettext("Name in Chinese"), [SHORT])
    text_en = TextAreaField(lazy_gettext("Description in English"), [LONG])
    text_zh = TextAreaField(lazy_gettext("Description in Chinese"), [LONG])
    grower = StringField(lazy_gettext("Grower"), [SHORT])
    category = SelectField(lazy_gettext("Category"))
    unit = SelectField(lazy_gettext("Sold by"))
    price = MoneyField(lazy_gettext("Price per unit"), [PRICE_MISSING])
    step = QuantityField(lazy_gettext("Smallest amount"), [STEP_MISSING])
    stock = QuantityField(lazy_gettext("In stock"), [STOCK_MISSING])

    def offer(self) -> None:
        """Fill the drop-downs."""
        shelves = [SelectChoice(str(c.id), c.name_in(language())) for c in list_categories()]
        self.category.choices = [SelectChoice("", lazy_gettext("No category")), *shelves]
        self.unit.choices = [SelectChoice(unit.value, unit_text(unit)) for unit in Unit]

    @property
    def facts(self) -> ProductFacts:
        """What was typed, once it is valid."""
        return ProductFacts(
            names=Names((self.name_en.data or "").strip(), (self.name_zh.data or "").strip()),
            descriptions=Names(self.text_en.data or "", self.text_zh.data or ""),
            grower=(self.grower.data or "").strip(),
            unit=Unit(self.unit.data),
            price_minor=self.price.money.minor,
            step_milli=self.step.milli,
            category_id=UUID(self.category.data) if self.category.data else None,
        )


class ProductForm(NewProductForm):
    """The same for a product that is there. `seen` and `version`: what the person looked at."""

    seen = IntegerField(widget=HiddenInput(), validators=SEEN)
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    @property
    def count(self) -> Count:
        """The stock as typed, beside the stock as it was shown."""
        return Count(seen_milli=self.seen.data, stock_milli=self.stock.milli)


class FirstProductForm(NewProductForm):
    """A new product may come with pictures and go straight into the shop."""

    published = BooleanField(lazy_gettext("Put it in the shop"))
    photo = MultipleFileField(lazy_gettext("Photos"))


class StockForm(SheafForm):
    """The stock of one product in the list."""

    stock = QuantityField(lazy_gettext("In stock"), [STOCK_MISSING])
    seen = IntegerField(widget=HiddenInput(), validators=SEEN)


class PriceForm(SheafForm):
    """The price of one product in the list."""

    price = MoneyField(lazy_gettext("Price per unit"), [PRICE_MISSING])
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class PhotosForm(SheafForm):
    """More pictures of a product."""

    photo = MultipleFileField(lazy_gettext("Photos"))


class AltForm(SheafForm):
    """What a picture shows, for those who cannot see it."""

    alt = StringField(lazy_gettext("What it shows"), [SHORT])


class StateForm(SheafForm):
    """Where a product goes."""

    state = HiddenField()


def blank_form() -> FirstProductForm:
    """An empty form with what most products are."""
    form = FirstProductForm(unit=Unit.KG.value, step="0.25", published=True)
    form.offer()
    return form


def form_of(product: Product, *, typed: bool = False) -> ProductForm:
    """The form as the product is, or as it was just typed."""
    form = ProductForm(
        formdata=request.form if typed else None,
        name_en=product.name_en,
        name_zh=product.name_zh,
        text_en=product.description_en,
        text_zh=product.description_zh,
        grower=product.grower,
        unit=product.unit.value,
        category=str(product.category_id or ""),
        seen=product.stock_milli,
        version=product.version,
    )
    form.offer()
    if not typed:
        form.price.show_minor(product.price_minor)
        form.step.show_milli(product.step_milli)
        form.stock.show_milli(product.stock_milli)
    return form
