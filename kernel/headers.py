"""Headers of every answer and the cookies of every request: one place, so none is forgotten."""

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response, g, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import Forbidden

from kernel.settings import settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# visitor, merchant, known device, staff, what merchants and staff have just proved, forms, language
COOKIES = ("sid", "mid", "did", "pid", "proof", "form", "lang")
STRICT_SURFACES = frozenset({"app", "ops"})
STRIPE_PAGES = ("https://checkout.stripe.com", "https://connect.stripe.com")
MAX_COOKIE_HEADER = 8192


def cookie_name(name: str) -> str:
    """The name on the wire: bound to this very host over HTTPS."""
    return f"__Host-{name}" if settings().secure else name


def same_site() -> str:
    """Strict where staff work; Lax in shops, so that a link in a mail finds the cart."""
    match = request.environ.get("sheaf.host")
    return "Strict" if match is not None and match.surface in STRICT_SURFACES else "Lax"


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set one of our cookies: host-only, unreadable by scripts."""
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, secure=settings().secure, httponly=True,
        samesite=same_site(), path="/",
    )  # fmt: skip


def drop_cookie(response: Response, name: str) -> None:
    """Take one of our cookies back."""
    response.delete_cookie(
        cookie_name(name), path="/", secure=settings().secure, httponly=True, samesite=same_site()
    )


class FormCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, for form tokens and notices only; who is signed in lives elsewhere."""

    def get_cookie_name(self, app: "Flask") -> str:  # noqa: ARG002 - Flask's signature
        return cookie_name("form")

    def get_cookie_secure(self, app: "Flask") -> bool:  # noqa: ARG002 - Flask's signature
        return settings().secure

    def get_cookie_samesite(self, app: "Flask") -> str:  # noqa: ARG002 - Flask's signature
        return same_site()

    def get_cookie_domain(self, app: "Flask") -> None:  # noqa: ARG002 - Flask's signature
        return None


class KnownCookies:
    """Keep only our own cookies, split before Werkzeug parses them.

    A sibling host can send quotes and duplicates that swallow the real cookie; a name that comes
    twice is therefore trusted in neither form.
    """

    def __init__(self, inner: "WSGIApplication") -> None:
        self.inner = inner

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if "HTTP_COOKIE" in environ:
            environ["HTTP_COOKIE"] = known_cookies(environ["HTTP_COOKIE"])
        return self.inner(environ, start_response)


def known_cookies(header: str) -> str:
    """The header with only our cookies, each at most once; a doubled one is dropped."""
    if len(header) > MAX_COOKIE_HEADER:
        return ""
    ours = {cookie_name(name) for name in COOKIES}
    found: dict[str, list[str]] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and name in ours and '"' not in value:
            found.setdefault(name, []).append(value)
    return "; ".join(f"{name}={values[0]}" for name, values in found.items() if len(values) == 1)


def refuse_cross_site() -> None:
    """A change must come from a page of this very host: subdomains are same-site, so SameSite is
    not enough. Webhooks carry their own signature instead."""
    if request.method in SAFE_METHODS or request.path.startswith("/hooks/"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Forbidden
    origin = request.headers.get("Origin")
    # Cut, not parsed: a parser raises on what a stranger may write here.
    if origin is not None and origin.partition("://")[2].lower() != request.host.lower():
        raise Forbidden


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _form_targets() -> str:
    # Chromium applies form-action to the redirect after a post as well.
    made = settings()
    return " ".join(["'self'", made.app_origin, *STRIPE_PAGES, made.stripe_api_base]).strip()


def content_security_policy() -> str:
    """Nothing from anywhere but this host; scripts only with this answer's nonce."""
    nonce = csp_nonce()
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        f"form-action {_form_targets()}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )


def file_headers() -> dict[str, str]:
    """Of static files: opened by itself, a drawing is a picture and nothing else."""
    https = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    return (https if settings().secure else {}) | {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-site",
    }


def set_headers(response: Response) -> Response:
    """The security headers of every answer, errors included."""
    wanted = file_headers() | {
        "Content-Security-Policy": content_security_policy(),
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
        "Cache-Control": "no-store",
        "X-Request-Id": str(g.get("request_id", "")),
    }
    for name, value in wanted.items():
        response.headers.setdefault(name, value)
    if response.headers["Cache-Control"] == "no-store":
        response.vary.add("Cookie")
    return response
