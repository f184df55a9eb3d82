"""What is typed on the order pages: a code, a reason, an amount; and what a list is narrowed to."""

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation

from kernel.errors import Refused
from kernel.forms import SheafForm
from kernel.money import Money, parse_money
from kernel.text import tidy_line
from storefront.fulfilment.rules import Queue

LONGEST_CODE = 40
LONGEST_REASON = 500
NUMBER = re.compile(r"\d{1,12}", re.ASCII)
REASON_IS_LONG = Length(max=LONGEST_REASON, message=lazy_gettext("Use at most 500 letters."))


class ActionForm(SheafForm):
    """A button without anything to fill in."""


class AnywayForm(SheafForm):
    """Why goods go out although their money is back or in question; empty where it is not."""

    anyway = StringField(
        lazy_gettext("Why it goes out all the same"),
        id="anyway",
        validators=[REASON_IS_LONG],
    )

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.anyway.flags.required = True  # where it is shown; the service asks, not the form


class CodeForm(AnywayForm):
    """The code a shopper shows."""

    code = StringField(
        lazy_gettext("Pick-up code"),
        validators=[
            DataRequired(lazy_gettext("Enter the six letters and figures the shopper shows.")),
            Length(max=LONGEST_CODE, message=lazy_gettext("A pick-up code is shorter than this.")),
        ],
    )


class CancelForm(SheafForm):
    """Why an order ends early."""

    handed_back = BooleanField(
        lazy_gettext("I hand the money back to the shopper now"), id="cancel-handed-back"
    )
    reason = TextAreaField(
        lazy_gettext("Reason"),
        id="cancel-reason",
        validators=[
            DataRequired(lazy_gettext("Write a short reason. The shopper reads it in the mail.")),
            REASON_IS_LONG,
        ],
    )


class RefundForm(SheafForm):
    """How much goes back and why. `left` is what could be paid back when the page was made."""

    amount = StringField(
        lazy_gettext("Amount"),
        id="refund-amount",
        validators=[
            DataRequired(lazy_gettext("Enter an amount above zero.")),
            Length(max=20, message=lazy_gettext("This is more than any order.")),
        ],
    )
    reason = TextAreaField(
        lazy_gettext("Reason"),
        id="refund-reason",
        validators=[
            DataRequired(lazy_gettext("Write a short reason. The shopper reads it in the mail.")),
            REASON_IS_LONG,
        ],
    )
    handed_back = BooleanField(
        lazy_gettext("I hand the money back to the shopper now"), id="refund-handed-back"
    )
    left = HiddenField()

    def __init__(self, *, currency: str, **values: object) -> None:
        super().__init__(**values)
        self.currency = currency
        self.money = Money(0, currency)

    def validate_amount(self, field: StringField) -> None:
        """Read the amount; a refusal stands at the field."""
        try:
            self.money = parse_money(field.data, self.currency)
        except Refused as error:
            raise StopValidation(gettext(error.message).format(**error.facts)) from error

    def offer(self, most: Money) -> None:
        """All that is left is suggested; what was typed before stays."""
        self.amount.data = self.amount.data or str(most.decimal)
        self.left.data = str(most.minor)

    @property
    def seen(self) -> Money:
        """What the person saw as left; anything else that was sent fits no order."""
        text = self.left.data or ""
        return Money(int(text) if NUMBER.fullmatch(text) else -1, self.currency)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which orders a list shows, as its address says; what cannot be read is not asked for."""

    queue: Queue
    search: str
    point_id: UUID | None
    day: date | None
    page: int

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a queue was chosen."""
        return bool(self.search or self.point_id or self.day)


def read_narrowing(args: MultiDict[str, str]) -> Narrowing:
    """From the query of a list's address."""
    tab = args.get("tab", "")
    page = args.get("page", "")
    return Narrowing(
        queue=Queue(tab) if tab in set(Queue) else Queue.TO_PREPARE,
        search=tidy_line(args.get("q", ""))[:100],
        point_id=args.get("place", type=UUID),
        day=args.get("day", type=date.fromisoformat),
        page=int(page) if re.fullmatch(r"\d{1,6}", page, re.ASCII) else 1,
    )


def read_numbers(form: MultiDict[str, str]) -> list[int]:
    """The orders that were ticked; a value that is no number fits no order."""
    return [int(x) if NUMBER.fullmatch(x) else -1 for x in form.getlist("order")]
