"""The Flask application: which surface a host is, the life of a request, refusals as answers.

The host decides before anything else: `find_host` (tenants.resolve) names the surface and, for a
shop, its tenant. The URL map is bound to the surface's name in Werkzeug's subdomain field, so no
part of the real Host header ever reaches routing.
"""

import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import structlog
from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    has_request_context,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    ServiceUnavailable,
)
from werkzeug.routing import MapAdapter, RequestRedirect

from kernel import errors, headers, outage
from kernel.log import log
from kernel.policy import enforce_policy
from kernel.settings import settings

Entered = TypeVar("Entered")
MAX_UPLOAD = 13 * 1024 * 1024
SURFACES = ("site", "app", "ops", "shop")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.ASCII)
STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.TooMany: 429,
    errors.Refused: 422,
}


@dataclass(frozen=True)
class HostMatch:
    """What a host is: a surface and, for a shop, its tenant and whether it is open."""

    surface: str
    tenant_id: UUID | None = None
    state: str = "active"


FindHost = Callable[[str], HostMatch | None]


def canonical_host(raw: str) -> str | None:
    """The host as stored: lower case, no port, no closing dot; None for what no host can be.

    A port is accepted only when it is a plain number; whose it is does not matter to identity.
    """
    name, colon, port = raw.lower().partition(":")
    if colon and not re.fullmatch(r"\d{1,5}", port, re.ASCII):
        return None
    name = name.removesuffix(".")
    return name if HOST.fullmatch(name) else None


class SheafRequest(Request):
    """Limits for every form; views marked with takes_uploads have a higher one."""

    max_content_length = 2 * 1024 * 1024
    max_form_parts = 500
    is_json = False  # a form of ours is a form

    @property
    def host_match(self) -> HostMatch:
        match = self.environ["sheaf.host"]
        assert isinstance(match, HostMatch), "the host is resolved before any view"
        return match


View = TypeVar("View", bound=Callable[..., Any])


def takes_uploads(view: View) -> View:
    """Mark a view whose form carries files: it may be larger than other forms."""
    view.__takes_uploads__ = True  # type: ignore[attr-defined]  # the mark itself
    return view


class SheafFlask(Flask):
    request_class = SheafRequest

    def __init__(self, import_name: str, *, find_host: FindHost) -> None:
        super().__init__(import_name, static_folder=None, template_folder="kernel/templates")
        self.find_host = find_host
        self.url_map.default_subdomain = "none"

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return self.url_map.bind("sheaf", subdomain="site", url_scheme=settings().public_scheme)
        host = canonical_host(request.environ.get("HTTP_HOST", ""))
        match = None
        if host is not None:
            match = self._find(host)
        if match is None:
            raise NotFound
        request.environ["sheaf.host"] = match
        return self.url_map.bind_to_environ(
            request.environ | {"HTTP_HOST": "sheaf"}, server_name="sheaf", subdomain=match.surface
        )

    def _find(self, host: str) -> HostMatch | None:
        try:
            with self.app_context():
                return self.find_host(host)
        except outage.KINDS as error:
            raise away(error) from error

    def update_template_context(self, context: dict[str, Any]) -> None:
        """An error page needs nothing that may have failed: what faces add to pages is left out."""
        if not is_bare():
            super().update_template_context(context)
            return
        said = dict(context)
        for processor in self.template_context_processors[None]:
            context.update(self.ensure_sync(processor)())
        context.update(said)

    def raise_routing_exception(self, request: Request) -> NoReturn:
        """An address that is put right, such as one without its last slash, stays on its host."""
        if isinstance(error := request.routing_exception, RequestRedirect):
            error.new_url = "/" + error.new_url.split("/", 3)[3]
        super().raise_routing_exception(request)

    def surface_path(self, surface: str, endpoint: str, **values: Any) -> str:
        """The path of a view on any surface; callers put a stored origin before it."""
        adapter = self.url_map.bind("sheaf", subdomain=surface)
        return adapter.build(endpoint, values, force_external=False)


def make_room_for_uploads(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Raise the limit before anything reads the form; the check of its token is the first to."""
    view = current_app.view_functions.get(endpoint or "")
    if getattr(view, "__takes_uploads__", False):
        request.max_content_length = MAX_UPLOAD


def enter(context: AbstractContextManager[Entered]) -> Entered:
    """Enter a context that ends with the request."""
    stack: ExitStack = g.contexts
    return stack.enter_context(context)


def surface() -> str:
    """The surface this request came to, or "none" for a host of nobody."""
    match = request.environ.get("sheaf.host")
    return match.surface if isinstance(match, HostMatch) else "none"


def init_app(app: SheafFlask) -> None:
    """Wire the request's life into the app; call once, before any blueprint."""
    app.wsgi_app = headers.KnownCookies(app.wsgi_app)  # type: ignore[method-assign]  # Flask's documented way

    @app.before_request
    def begin() -> None:
        g.contexts = ExitStack()
        g.request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    app.before_request(refuse_unknown_hosts)
    app.before_request(refuse_what_no_name_holds)

    @app.before_request
    def refuse_foreign_posts() -> None:
        headers.refuse_cross_site()

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        stack: ExitStack | None = g.pop("contexts", None)
        if stack is not None:
            stack.close()
        structlog.contextvars.unbind_contextvars("request_id")

    app.url_value_preprocessor(make_room_for_uploads)
    app.after_request(headers.set_headers)
    app.register_error_handler(errors.DomainError, answer_refusal)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(InternalServerError, answer_http_error)
    for kind in outage.KINDS:
        app.register_error_handler(kind, answer_outage)


def refuse_unknown_hosts() -> None:
    """Nothing is on a host of nobody; with the database away nobody can tell whose it is."""
    if isinstance(request.routing_exception, ServiceUnavailable):
        raise request.routing_exception
    if surface() == "none":
        raise NotFound


def refuse_what_no_name_holds() -> None:
    """Nothing is found under a NUL: PostgreSQL stores none, and raises when it is asked for one."""
    texts = (text for values in request.args.listvalues() for text in values)
    if "\0" in request.path or any("\0" in text for text in texts):
        raise NotFound


def guard_views(app: SheafFlask) -> None:
    """Enforce policies after everything that says who and where; call after other hooks."""
    app.before_request(enforce_policy)
    app.after_request(say_when_to_try_again)


def say_when_to_try_again(response: Response) -> Response:
    """Every 429 says after how many seconds it is worth another try."""
    if response.status_code == 429:  # noqa: PLR2004 - too many requests
        response.headers.setdefault("Retry-After", str(g.get("retry_after", 60)))
    return response


def is_bare() -> bool:
    """Whether the page that is being made may ask nothing: not the database, nor who is there."""
    return bool(has_request_context() and g.get("bare"))


def away(error: Exception) -> ServiceUnavailable:
    """The database is away, which is logged, and passes; any other error is raised as it is."""
    if not outage.is_outage(error):
        raise error
    log.error("database_away", error=type(getattr(error, "orig", error)).__name__)
    return ServiceUnavailable(retry_after=outage.RETRY_AFTER_SECONDS)


def answer_outage(error: Exception) -> ResponseReturnValue:
    """503 on every surface while the database is away, with when to try again."""
    return answer_http_error(away(error))


def answer_refusal(error: errors.DomainError) -> ResponseReturnValue:
    """A refusal that no form has shown at its field: a page that says it."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    if isinstance(error, errors.TooMany):
        g.retry_after = error.seconds
    return _answer(status, error.code, gettext(error.message).format(**error.facts))


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's errors in our words; redirects pass as they are."""
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects
        return error
    if isinstance(error, InternalServerError) and outage.is_outage(error.original_exception):
        assert isinstance(error.original_exception, Exception), "an outage is one"
        error = away(error.original_exception)
    assert error.code is not None, "an outage has one"
    answer = _answer(error.code, error.name.lower().replace(" ", "_"), "")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _answer(status: int, code: str, message: str) -> Response:
    if request.path.startswith("/hooks/") or request.accept_mimetypes.best == "application/json":
        answer = jsonify(code=code, message=message, request_id=g.get("request_id", ""))
        answer.status_code = status
        return answer
    if status >= 500:  # noqa: PLR2004 - something has failed
        g.bare = True
    try:
        page = render_template("errors/error.html", status=status, message=message)
    except outage.KINDS as error:
        if is_bare():
            raise
        g.bare = True
        return make_response(answer_outage(error))
    return Response(page, status=status, content_type="text/html; charset=utf-8")
