"""Refusals about pick-up points and their days."""

from kernel.errors import N_, NotFound, Refused


class PointNotFound(NotFound):
    code = "point_not_found"


class PointNameMissing(Refused):
    code = "point_name_missing"
    field = "name_en"
    message = N_("Enter a name in at least one language.")


class HoursUpsideDown(Refused):
    code = "hours_upside_down"
    message = N_("Closing time must be later than opening time.")


class LeadTimeOutOfRange(Refused):
    code = "lead_time_out_of_range"
    field = "lead_hours"
    message = N_("Enter between 0 and {most} hours.")


class DaysAheadOutOfRange(Refused):
    code = "days_ahead_out_of_range"
    field = "days_ahead"
    message = N_("Enter between 1 and {most} days.")


class TooManyClosedDays(Refused):
    code = "too_many_closed_days"
    field = "day"
    message = N_("At most {most} closed days can be entered. Remove one first.")


class DayIsOver(Refused):
    code = "day_is_over"
    field = "day"
    message = N_("This day is over. Enter a day to come.")
