"""Who is on the other side of a request, for Flask-Login: asked of the surface's own realm."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, Request, g, request
from flask_login import LoginManager, UserMixin

from kernel.headers import cookie_name
from kernel.web import surface
from tenants.people.queries import get_person
from tenants.sessions.models import Realm
from tenants.sessions.services import resume_session

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
    return Visitor(person.id, found.id, person.name, person.email, person.language)


def merchant_token() -> str:
    """What the merchants' cookie holds, or nothing."""
    return request.cookies.get(cookie_name("mid"), "")


def init_app(app: Flask) -> None:
    """Flask-Login without its own cookies: `current_user` comes from our sessions."""
    login.init_app(app, add_context_processor=False)
