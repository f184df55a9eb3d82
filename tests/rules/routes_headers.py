"""What the headers of every answer must say, whoever asked and whatever went wrong."""

from collections.abc import Iterator

from werkzeug.test import TestResponse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-site",
}


def flaws(answer: TestResponse) -> Iterator[str]:
    """Each way in which the headers of an answer fall short."""
    for name, value in ALWAYS.items():
        if answer.headers.get(name) != value:
            yield f"{name} is {answer.headers.get(name)!r}"
    policy = answer.headers.get("Content-Security-Policy", "")
    if not policy.startswith("default-src 'none'"):
        yield f"Content-Security-Policy is {policy!r}"
    # Forms may lead to Stripe's pages; nothing else leads or loads from anywhere else.
    rest = "; ".join(part for part in policy.split("; ") if not part.startswith("form-action "))
    if any(word in rest for word in ("unsafe", "*", "//", "blob:")):
        yield f"Content-Security-Policy opens up: {policy!r}"
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        yield "says what it runs on"
    yield from _caching(answer)
    for cookie in answer.headers.getlist("Set-Cookie"):
        yield from _cookie(cookie)


def _caching(answer: TestResponse) -> Iterator[str]:
    control = answer.headers.get("Cache-Control", "")
    if control == "no-store":
        if "Cookie" not in answer.headers.get("Vary", ""):
            yield "no-store without Vary: Cookie"
    elif not control.startswith(("public, max-age=", "private, max-age=")):
        yield f"Cache-Control is {control!r}"
    elif answer.headers.getlist("Set-Cookie"):
        yield "a cached answer sets a cookie"


def _cookie(cookie: str) -> Iterator[str]:
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    for needed in ("httponly", "path=/"):
        if needed not in parts:
            yield f"cookie without {needed}: {cookie}"
    if not parts & {"samesite=lax", "samesite=strict"}:
        yield f"cookie without SameSite: {cookie}"
    if any(part.startswith("domain=") for part in parts):
        yield f"cookie for more than this host: {cookie}"
