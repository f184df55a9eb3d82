"""Form fields for money and quantities: typed as people write them, read as whole numbers."""

from flask import g
from flask_babel import gettext
from wtforms import Form, StringField
from wtforms.validators import StopValidation

from kernel.errors import Refused
from kernel.money import Money, parse_money
from kernel.quantity import decimal_quantity, parse_quantity


class MoneyField(StringField):  # type: ignore[misc]  # wtforms carries no types
    """An amount in the shop's currency; `money` holds it once the form is valid."""

    money: Money

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - wtforms' signature
        if not self.data:
            return  # InputRequired says so in its own words
        try:
            self.money = parse_money(self.data, g.profile.currency)
        except Refused as error:
            raise StopValidation(gettext(error.message).format(**error.facts)) from error

    def show_minor(self, minor: int) -> None:
        """Fill the box with an amount as it would be typed."""
        self.data = str(Money(minor, g.profile.currency).decimal)


class QuantityField(StringField):  # type: ignore[misc]  # wtforms carries no types
    """A quantity in a product's unit; `milli` holds its thousandths once the form is valid."""

    milli: int

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - wtforms' signature
        if not self.data:
            return  # InputRequired says so in its own words
        try:
            self.milli = parse_quantity(self.data)
        except Refused as error:
            raise StopValidation(gettext(error.message).format(**error.facts)) from error

    def show_milli(self, milli: int) -> None:
        """Fill the box with a quantity as it would be typed."""
        self.data = str(decimal_quantity(milli))
