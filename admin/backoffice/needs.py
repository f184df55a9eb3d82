"""What needs somebody: a list that is emptied by decisions, and the decisions themselves."""

from datetime import date
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.needs_words import HAPPENED, NEXT
from admin.backoffice.order_actions import go_on
from admin.backoffice.order_forms import REASON_IS_LONG
from admin.backoffice.order_words import moment, say
from admin.backoffice.orders import NUMBER, order_page, order_tabs
from kernel.forms import SheafForm
from kernel.i18n import date_text, language, money_text
from storefront.needs.queries import list_needs
from storefront.orders.queries import get_order_by_number
from storefront.orders.services import hand_back_money, move_order, settle_otherwise
from storefront.pickup.queries import list_open_places
from tenants.people.rules import Permission


class RefundNamed(SheafForm):
    """A button about one refund."""

    refund = HiddenField()

    @property
    def refund_id(self) -> UUID:
        """The refund that is meant; anything else fits none."""
        try:
            return UUID(self.refund.data or "")
        except ValueError:
            return UUID(int=0)


class SettledForm(RefundNamed):
    """How a refund that failed was made good."""

    note = TextAreaField(
        lazy_gettext("How it was settled"),
        id="settled-note",
        validators=[
            DataRequired(lazy_gettext("Write how you settled it. Only your shop reads it.")),
            REASON_IS_LONG,
        ],
    )


class DayForm(SheafForm):
    """Another place and day."""

    day = SelectField(lazy_gettext("Another day"), id="other-day")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.day.choices = [
            SelectChoice(
                f"{place.point.id}|{day.date.isoformat()}",
                f"{date_text(day.date, 'short_day')}, {place.point.name_in(language())}",
            )
            for place in list_open_places()
            for day in place.days
        ]

    @property
    def point_id(self) -> UUID:
        """The place that was chosen."""
        return UUID(self.day.data.partition("|")[0])

    @property
    def chosen_day(self) -> date:
        """The day that was chosen."""
        return date.fromisoformat(self.day.data.partition("|")[2])


@backoffice.get("/needs-you")
@requires(Permission.SEE_ORDERS)
def list_what_needs_you() -> ResponseReturnValue:
    """Every order whose money does not go on by itself: what happened, since when, what to do."""
    rows = [
        {
            "number": one.order.number,
            "happened": say(
                HAPPENED[one.need], amount=money_text(one.amount), name=one.order.contact_name
            ),
            "since": moment(one.since),
            "next": say(NEXT[one.need]),
        }
        for one in list_needs()
    ]
    return render_template("backoffice/needs.html", rows=rows, tab_items=order_tabs())


@backoffice.post(f"/orders/{NUMBER}/settlements")
@requires(Permission.REFUND_ORDERS)
def settle_refund_otherwise(number: int) -> ResponseReturnValue:
    """A refund that failed was made good in another way, by the word of the person signed in."""
    order, form = get_order_by_number(number), SettledForm()
    wanted = {"refund_id": form.refund_id, "note": form.note.data}
    if form.validate_on_submit() and form.attempt(settle_otherwise, order_id=order.id, **wanted):
        return go_on(number, gettext("Noted: settled with the shopper in another way."))
    return order_page(number, form)


@backoffice.post(f"/orders/{NUMBER}/hand-backs")
@requires(Permission.REFUND_ORDERS)
def hand_money_back(number: int) -> ResponseReturnValue:
    """The money is in the shopper's hand."""
    order, form = get_order_by_number(number), RefundNamed()
    if form.validate_on_submit() and form.attempt(
        hand_back_money, order_id=order.id, refund_id=form.refund_id
    ):
        return go_on(number, gettext("Noted: handed back to %(name)s.", name=order.contact_name))
    return order_page(number, form)


@backoffice.post(f"/orders/{NUMBER}/day")
@requires(Permission.CANCEL_ORDERS)
def move_to_another_day(number: int) -> ResponseReturnValue:
    """An order that was paid too late gets another day; its shopper hears of it."""
    order, form = get_order_by_number(number), DayForm()
    if form.validate_on_submit():
        moved = form.attempt(
            move_order, order_id=order.id, point_id=form.point_id, day=form.chosen_day
        )
        if moved is not None:
            day = date_text(moved.pickup_on, "day")
            words = gettext("Order %(number)s is now for %(day)s.", number=number, day=day)
            return go_on(number, words)
    return order_page(number, form)
