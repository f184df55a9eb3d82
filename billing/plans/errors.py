"""Refusals about plans."""

from kernel.errors import N_, NotFound


class PlanNotFound(NotFound):
    code = "plan_not_found"
    message = N_("There is no such plan in this currency.")
