"""Forms of the shop. Product, price and tenant are never bound from a form, only looked up."""

from datetime import date
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField, validators
from wtforms.fields import SelectChoice
from wtforms.validators import (
    DataRequired,
    Email,
    Length,
    Optional,
    Regexp,
    StopValidation,
)

from billing.connections.models import PaymentMethod
from billing.payments.errors import MethodNotOffered
from kernel.forms import SheafForm
from kernel.i18n import date_text, language, time_text
from kernel.scope import current_tenant_id
from storefront.carts.rules import Seen, read_seen
from storefront.orders.errors import PickupDayIsOver
from storefront.orders.rules import Checkout
from storefront.pickup.queries import OpenPlace
from storefront.pickup.rules import PickupDay

FEW_CHOICES = 6
LONGEST_SEEN = 200_000  # a hundred products, and sixty days at many places
DAY_IS_OVER = lazy_gettext(PickupDayIsOver.message)
NO_SUCH_METHOD = lazy_gettext(MethodNotOffered.message)
METHODS = {
    PaymentMethod.STRIPE: lazy_gettext("Pay online"),
    PaymentMethod.AT_PICKUP: lazy_gettext("Pay at pick-up"),
}


class StillOffered:
    """What was chosen could be chosen a while ago, and now no longer can: said in those words."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: object, field: SelectField) -> None:
        offered = {choice.value for choice in field.iter_choices()}
        if field.data not in offered:
            raise StopValidation(str(self.message))


class CartLineForm(SheafForm):
    """How much of one product the cart shall hold."""

    product = HiddenField(validators=[DataRequired(), validators.UUID()])
    seen = HiddenField()
    quantity = StringField(validators=[DataRequired(), Length(max=12)])


class SeenForm(SheafForm):
    """What the page around a form has said, which is what its button agrees to."""

    seen = HiddenField(validators=[Length(max=LONGEST_SEEN)])


class CheckoutForm(SeenForm):
    """Everything a shopper fills in to order: six visible fields."""

    key = HiddenField(validators=[DataRequired(), validators.UUID()])
    name = StringField(
        lazy_gettext("Your name"),
        validators=[
            DataRequired(lazy_gettext("Enter the name of whoever collects the order.")),
            Length(max=120, message=lazy_gettext("Use at most 120 letters.")),
        ],
    )
    email = StringField(
        lazy_gettext("E-mail"),
        validators=[
            DataRequired(lazy_gettext("Enter an e-mail address for the confirmation.")),
            Length(max=254),
            Email(lazy_gettext("Enter an address such as name@example.org.")),
        ],
    )
    phone = StringField(
        lazy_gettext("Phone"),
        validators=[
            Optional(),
            Regexp(
                r"^\+?[0-9 ()/.\-]{5,24}$",
                message=lazy_gettext("Enter a number such as +49 151 234567."),
            ),
        ],
    )
    pickup = RadioField(
        lazy_gettext("Place and day"),
        validators=[
            DataRequired(lazy_gettext("Choose where and when you collect.")),
            StillOffered(DAY_IS_OVER),
        ],
        validate_choice=False,
    )
    method = RadioField(
        lazy_gettext("How do you pay?"),
        validators=[
            DataRequired(lazy_gettext("Choose how you pay.")),
            StillOffered(NO_SUCH_METHOD),
        ],
        validate_choice=False,
    )
    note = TextAreaField(
        lazy_gettext("Note for the farm"),
        validators=[Length(max=500, message=lazy_gettext("Use at most 500 letters."))],
    )

    def checkout(self) -> Checkout:
        """What was filled in, once it is valid."""
        point_id, day = choice_of(self.pickup.data)
        return Checkout(
            key=self.key.data.lower(),
            name=" ".join(self.name.data.split()),
            email=self.email.data.strip().lower(),
            phone=(self.phone.data or "").strip(),
            point_id=point_id,
            day=day,
            method=PaymentMethod(self.method.data),
            language=language(),
            note=(self.note.data or "").strip(),
            seen=self.was_shown(),
        )

    def was_shown(self) -> Seen | None:
        """What the page said that this form was sent from, if it is ours."""
        return read_seen(self.seen.data or "", current_tenant_id())


class ManyDaysForm(CheckoutForm):
    """The same where there are so many days that a list is easier than cards."""

    pickup = SelectField(
        lazy_gettext("Place and day"),
        validators=[
            DataRequired(lazy_gettext("Choose where and when you collect.")),
            StillOffered(DAY_IS_OVER),
        ],
        validate_choice=False,
    )


class EmailForm(SheafForm):
    """Whose orders shall be seen."""

    email = StringField(
        lazy_gettext("E-mail"),
        validators=[
            DataRequired(lazy_gettext("Enter the address you ordered with.")),
            Length(max=254),
            Email(lazy_gettext("Enter an address such as name@example.org.")),
        ],
    )


class CodeForm(SheafForm):
    """The six figures from the mail."""

    code = StringField(
        lazy_gettext("Code"),
        validators=[
            DataRequired(lazy_gettext("Enter the six figures from the mail.")),
            Regexp(r"^\s*\d{6}\s*$", message=lazy_gettext("Enter the six figures from the mail.")),
        ],
    )


def choice_of(value: str) -> tuple[UUID, date]:
    """The place and the day that one of our choices means."""
    point, _, day = value.partition("|")
    return UUID(point), date.fromisoformat(day)


def checkout_form(
    places: list[OpenPlace], methods: list[PaymentMethod], **values: object
) -> CheckoutForm:
    """The checkout form with the days and ways to pay that can be chosen now."""
    days = [
        SelectChoice(value, words, optgroup=place.point.name_in(language()))
        for place in places
        for value, words in _days(place)
    ]
    form: CheckoutForm
    if len(days) > FEW_CHOICES:
        form = ManyDaysForm(**values)
        form.pickup.choices = days
        if form.is_submitted() and form.pickup.data not in [day.value for day in days]:
            # Without it a browser would choose the first day by itself.
            form.pickup.choices = [SelectChoice("", gettext("Choose a day")), *days]
    else:
        form = CheckoutForm(**values)
        form.pickup.choices = [(day.value, f"{day.optgroup}, {day.label}") for day in days]
    form.method.choices = [(method.value, METHODS[method]) for method in methods]
    if form.method.data is None and methods:
        form.method.data = methods[0].value
    return form


def day_notes(places: list[OpenPlace]) -> dict[str, str]:
    """Until when each day can be ordered for."""
    return {
        _value(place, day): gettext(
            "%(address)s. Order by %(time)s.",
            address=place.point.address,
            time=f"{date_text(day.cut_off, 'short_day')} {time_text(day.cut_off)}",
        )
        for place in places
        for day in place.days
    }


def place_notes(places: list[OpenPlace]) -> list[str]:
    """Where each place is and how to find it."""
    return [
        ". ".join(
            filter(
                None,
                [
                    f"{place.point.name_in(language())}: {place.point.address}",
                    place.point.note_in(language()),
                ],
            )
        )
        for place in places
    ]


def _value(place: OpenPlace, day: PickupDay) -> str:
    return f"{place.point.id}|{day.date.isoformat()}"


def _days(place: OpenPlace) -> list[tuple[str, str]]:
    return [
        (
            _value(place, day),
            gettext(
                "%(day)s, %(opens)s to %(closes)s",
                day=date_text(day.date, "short_day"),
                opens=time_text(day.opens),
                closes=time_text(day.closes),
            ),
        )
        for day in place.days
    ]
