"""Where and when shoppers collect: points, their weekly hours and the days they stay closed."""

from datetime import date, time
from uuid import UUID

from babel.dates import get_day_names
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from kernel.forms import SheafForm
from storefront.catalog.rules import Names
from storefront.pickup.models import PickupPoint
from storefront.pickup.queries import get_point, list_points, with_days
from storefront.pickup.services import (
    WEEKDAYS,
    PointFacts,
    close_on,
    create_point,
    edit_point,
    reopen_on,
    set_point_active,
)
from tenants.people.rules import Permission

SHORT = Length(max=120, message=lazy_gettext("Use at most 120 letters."))
NOTE = Length(max=500, message=lazy_gettext("Use at most 500 letters."))
NUMBER_MISSING = InputRequired(lazy_gettext("Enter a whole number."))
BOTH_TIMES = lazy_gettext("Enter both times, or neither for a closed day.")


class HourField(TimeField):  # type: ignore[misc]  # wtforms carries no types
    """A time of day that may be left out."""

    def __init__(self, label: str = "", **kwargs: object) -> None:
        super().__init__(label, validators=[Optional()], **kwargs)


class PointForm(SheafForm):
    """What is said about a point; a weekday without times is closed."""

    name_en = StringField(lazy_gettext("Name in English"), [SHORT])
    name_zh = StringField(lazy_gettext("Name in Chinese"), [SHORT])
    address = StringField(
        lazy_gettext("Address"),
        [DataRequired(lazy_gettext("Enter the address, so that people find it.")), NOTE],
    )
    note_en = TextAreaField(lazy_gettext("How to find it, in English"), [NOTE])
    note_zh = TextAreaField(lazy_gettext("How to find it, in Chinese"), [NOTE])
    lead_hours = IntegerField(lazy_gettext("Orders close, hours before opening"), [NUMBER_MISSING])
    days_ahead = IntegerField(lazy_gettext("Days ahead that can be chosen"), [NUMBER_MISSING])
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    opens_0, closes_0 = HourField(), HourField()
    opens_1, closes_1 = HourField(), HourField()
    opens_2, closes_2 = HourField(), HourField()
    opens_3, closes_3 = HourField(), HourField()
    opens_4, closes_4 = HourField(), HourField()
    opens_5, closes_5 = HourField(), HourField()
    opens_6, closes_6 = HourField(), HourField()

    def validate(self, extra_validators: dict[str, list[object]] | None = None) -> bool:
        """Also: a day has both times or none."""
        valid = super().validate(extra_validators)
        for weekday in WEEKDAYS:
            opens, closes = self.hours_of(weekday)
            if (opens.data is None) != (closes.data is None) and not opens.errors:
                closes.errors = [*closes.errors, str(BOTH_TIMES)]
                valid = False
        return valid

    def hours_of(self, weekday: int) -> tuple[Field, Field]:
        """The two boxes of a weekday."""
        return self[f"opens_{weekday}"], self[f"closes_{weekday}"]

    @property
    def facts(self) -> PointFacts:
        """What was typed, once it is valid."""
        hours: dict[int, tuple[time, time]] = {}
        for weekday in WEEKDAYS:
            opens, closes = self.hours_of(weekday)
            if opens.data is not None and closes.data is not None:
                hours[weekday] = (opens.data, closes.data)
        return PointFacts(
            names=Names((self.name_en.data or "").strip(), (self.name_zh.data or "").strip()),
            address=self.address.data.strip(),
            notes=Names((self.note_en.data or "").strip(), (self.note_zh.data or "").strip()),
            lead_hours=self.lead_hours.data,
            days_ahead=self.days_ahead.data,
            hours=hours,
        )


class ClosedDayForm(SheafForm):
    """A day on which a point stays closed."""

    day = DateField(lazy_gettext("Day"), [InputRequired(lazy_gettext("Choose a day."))])


class ActiveForm(SheafForm):
    """Whether shoppers can choose a point."""

    active = HiddenField()


@backoffice.get("/pickup-points")
@requires(Permission.EDIT_PICKUP)
def list_pickup_points() -> ResponseReturnValue:
    """All points, with their hours and the next day that can be chosen."""
    places = with_days(list_points(active_only=False))
    weeks = {place.point.id: _week(place.point) for place in places}
    return render_template("backoffice/pickup/list.html", places=places, weeks=weeks)


@backoffice.route("/pickup-points/new", methods=["GET", "POST"])
@requires(Permission.EDIT_PICKUP)
def new_pickup_point() -> ResponseReturnValue:
    """One more place."""
    form = PointForm(lead_hours=24, days_ahead=14)
    if form.validate_on_submit():
        point = form.attempt(create_point, facts=form.facts)
        if point is not None:
            return redirect(url_for("backoffice.list_pickup_points"), 303)
    return _show(form), form.status if form.is_submitted() else 200


@backoffice.route("/pickup-points/<uuid:point_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_PICKUP)
def edit_pickup_point(point_id: UUID) -> ResponseReturnValue:
    """The point is as typed, unless a colleague changed it meanwhile."""
    point = get_point(point_id)
    form = _form_of(point)
    if form.validate_on_submit():
        version = form.version.data or 0
        saved = form.attempt(edit_point, point_id=point_id, version=version, facts=form.facts)
        if saved is not None:
            flash(gettext("Saved."), "ok")
            return redirect(url_for("backoffice.list_pickup_points"), 303)
    point = get_point(point_id)
    form.lay_beside(_form_of(point, typed=False))
    return _show(form, point), form.status if form.is_submitted() else 200


@backoffice.post("/pickup-points/<uuid:point_id>/availability")
@requires(Permission.EDIT_PICKUP)
def open_or_close_point(point_id: UUID) -> ResponseReturnValue:
    """Shoppers can choose it, or no longer can."""
    form = ActiveForm()
    if form.validate_on_submit():
        active = form.active.data == "yes"
        set_point_active(point_id=point_id, active=active)
        words = (
            gettext("Shoppers can choose it.") if active else gettext("Shoppers no longer see it.")
        )
        flash(words, "ok")
    return redirect(url_for("backoffice.edit_pickup_point", point_id=point_id), 303)


@backoffice.post("/pickup-points/<uuid:point_id>/closed-days")
@requires(Permission.EDIT_PICKUP)
def close_point_on(point_id: UUID) -> ResponseReturnValue:
    """Closed on one day more."""
    form = ClosedDayForm()
    if form.validate_on_submit() and form.attempt(_close, point_id, form.day.data):
        return redirect(_closed_days_of(point_id), 303)
    point = get_point(point_id)
    return _show(_form_of(point, typed=False), point, closing=form), form.status


@backoffice.post("/pickup-points/<uuid:point_id>/closed-days/removal")
@requires(Permission.EDIT_PICKUP)
def reopen_point_on(point_id: UUID) -> ResponseReturnValue:
    """Open on that day as in any week."""
    form = ClosedDayForm()
    if form.validate_on_submit():
        reopen_on(point_id=point_id, day=form.day.data)
    return redirect(_closed_days_of(point_id), 303)


def _close(point_id: UUID, day: date) -> bool:
    close_on(point_id=point_id, day=day)
    return True


def _closed_days_of(point_id: UUID) -> str:
    return url_for("backoffice.edit_pickup_point", point_id=point_id, _anchor="closed-days")


def _form_of(point: PickupPoint, *, typed: bool = True) -> PointForm:
    times = {}
    for hour in point.hours:
        times[f"opens_{hour.weekday}"], times[f"closes_{hour.weekday}"] = hour.opens, hour.closes
    plain = {} if typed else {"formdata": None}
    return PointForm(obj=point, **times, **plain)


def _show(
    form: PointForm, point: PickupPoint | None = None, closing: ClosedDayForm | None = None
) -> str:
    names = get_day_names("wide", locale=get_locale())
    for weekday in WEEKDAYS:
        opens, closes = form.hours_of(weekday)
        opens.label.text = gettext("%(day)s, opens", day=names[weekday])
        closes.label.text = gettext("%(day)s, closes", day=names[weekday])
    return render_template(
        "backoffice/pickup/edit.html",
        form=form,
        point=point,
        week=[(names[weekday], *form.hours_of(weekday)) for weekday in WEEKDAYS],
        closing=closing or ClosedDayForm(formdata=None),
    )


def _week(point: PickupPoint) -> list[tuple[str, time, time]]:
    names = get_day_names("abbreviated", locale=get_locale())
    return [(names[hour.weekday], hour.opens, hour.closes) for hour in point.hours]
