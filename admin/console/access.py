"""Who may open the console: Sheaf's staff, with a session of their own realm, on its own host."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import abort, redirect, request
from flask_login import UserMixin, current_user

from kernel.headers import SAFE_METHODS, cookie_name
from kernel.policy import Policy, declare, guard
from kernel.web import enter
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.sessions.models import Realm
from tenants.sessions.services import resume_session
from tenants.signin.visitors import known_on
from tenants.staff.queries import find_staff

STAFF = Policy("staff")
staff_only = declare(STAFF)


@dataclass(frozen=True)
class StaffHere(UserMixin):  # type: ignore[misc]  # flask_login carries no types
    """A member of staff who is signed in on this device."""

    id: UUID
    session_id: UUID
    name: str
    email: str


@known_on("ops")
def load_staff() -> StaffHere | None:
    """The member of staff whose sign-in the console's cookie is for, unless they have left."""
    found = resume_session(realm=Realm.STAFF, token=staff_token())
    member = find_staff(found.subject_id) if found is not None else None
    if found is None or member is None:
        return None
    return StaffHere(member.id, found.id, member.name, member.email)


def staff_token() -> str:
    """What the console's cookie holds, or nothing."""
    return request.cookies.get(cookie_name("pid"), "")


def staff_here() -> StaffHere:
    """Who is at work; only for pages of staff."""
    visitor = current_user._get_current_object()  # noqa: SLF001 - a proxy's object
    assert isinstance(visitor, StaffHere), "the guard lets only staff in"
    return visitor


def staff_actor() -> Actor:
    """Whoever is at work, as the audit names them."""
    here = staff_here()
    return Actor(ActorKind.STAFF, here.id, here.name)


def enforce(_policy: Policy) -> None:
    """Anyone else is led to sign in and, after a look-up, back to where they were going."""
    if not isinstance(current_user._get_current_object(), StaffHere):  # noqa: SLF001 - a proxy's object
        looking = request.method in SAFE_METHODS and request.path != "/"
        back = "?" + urlencode({"next": request.full_path.rstrip("?")}) if looking else ""
        abort(redirect("/sign-in" + back, 303))
    enter(acting_as(staff_actor()))


guard("staff", enforce)
