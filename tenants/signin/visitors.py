"""Who is on the other side of a request, for Flask-Login: asked of the surface's own realm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Flask, Request, g, request
from flask_login import LoginManager, UserMixin

from kernel.headers import STRICT_SURFACES, cookie_name
from kernel.web import enter, surface
from tenants.alerts.origins import coming_from, origin_of
from tenants.people.queries import get_person
from tenants.sessions.models import Realm
from tenants.sessions.services import is_fresh, resume_session
from tenants.signin.devices import this_device

Loader = Callable[[], UserMixin | None]
_loaders: dict[str, Loader] = {}
login = LoginManager()
login.session_protection = None  # sessions are ours; Flask's cookie says nothing about anyone


@dataclass(frozen=True)
class Visitor(UserMixin):  # type: ignore[misc]  # flask_login carries no types
    """A person who is signed in on this device."""

    id: UUID
    session_id: UUID
    name: str
    email: str
    language: str
    second_factor_since: datetime | None = None
    fresh: bool = False  # has just proved in this browser who they are


def known_on(name: str) -> Callable[[Loader], Loader]:
    """The function that recognises people on a surface; a surface without one knows nobody."""

    def add(loader: Loader) -> Loader:
        _loaders[name] = loader
        return loader

    return add


@login.request_loader  # type: ignore[untyped-decorator]  # flask_login carries no types
def load(_request: Request) -> UserMixin | None:
    """Whoever the surface recognises, once per request."""
    loader = _loaders.get(surface())
    return loader() if loader is not None else None


@known_on("app")
def load_person() -> Visitor | None:
    """The person whose sign-in the merchants' cookie is for."""
    found = resume_session(realm=Realm.MERCHANT, token=merchant_token())
    if found is None:
        return None
    person = get_person(found.subject_id)
    g.preferred_language = person.language
    return Visitor(
        person.id, found.id, person.name, person.email, person.language,
        person.second_factor_since, is_fresh(found, proof_token()),
    )  # fmt: skip


def merchant_token() -> str:
    """What the merchants' cookie holds, or nothing."""
    return request.cookies.get(cookie_name("mid"), "")


def proof_token() -> str:
    """What this browser holds of having just proved who is there, or nothing."""
    return request.cookies.get(cookie_name("proof"), "")


def know_where_from() -> None:
    """What is done by people and staff is known to come from their device and network."""
    if surface() in STRICT_SURFACES:
        device, address = this_device()
        enter(coming_from(origin_of(device=device, address=address)))


def init_app(app: Flask) -> None:
    """Flask-Login without its own cookies: `current_user` comes from our sessions."""
    login.init_app(app, add_context_processor=False)
    app.before_request(know_where_from)
