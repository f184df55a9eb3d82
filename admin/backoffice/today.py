"""The first page of the day: what must be done, how the week went, what is still to set up."""

from flask import render_template
from flask.typing import ResponseReturnValue

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from tenants.people.rules import Permission


@backoffice.get("/")
@requires(Permission.SEE_ORDERS)
def show_today() -> ResponseReturnValue:
    """What waits for someone now."""
    return render_template("backoffice/today.html")
