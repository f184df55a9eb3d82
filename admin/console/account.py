"""Where a member of staff is signed in, and how many recovery codes they have left."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin.console.access import staff_here
from admin.console.pages import StaffPages, exposed
from tenants.sessions.models import Realm
from tenants.sessions.queries import list_sessions
from tenants.sessions.services import close_one_session, close_sessions
from tenants.staff.queries import count_recovery_codes


class Account(StaffPages):
    """Someone's own page; the menu leads to it by their name."""

    @exposed("/")
    def index(self) -> str:
        """Own sign-ins and recovery codes."""
        here = staff_here()
        return str(
            self.render(
                "console/account.html",
                sessions=list_sessions(realm=Realm.STAFF, subject_id=here.id),
                codes_left=count_recovery_codes(here.id),
            )
        )

    @exposed("/sign-ins/<uuid:session_id>", methods=("POST",))
    def end_one(self, session_id: UUID) -> ResponseReturnValue:
        """One own sign-in is over."""
        close_one_session(realm=Realm.STAFF, subject_id=staff_here().id, session_id=session_id)
        flash(_("That device is signed out."), "ok")
        return redirect(url_for("console_account.index"), 303)

    @exposed("/sign-ins", methods=("POST",))
    def end_others(self) -> ResponseReturnValue:
        """All own sign-ins but this one are over."""
        here = staff_here()
        close_sessions(realm=Realm.STAFF, subject_id=here.id, keep=here.session_id)
        flash(_("All other devices are signed out."), "ok")
        return redirect(url_for("console_account.index"), 303)
