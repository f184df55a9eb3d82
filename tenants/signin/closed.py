"""What a shop's host answers while the shop is suspended, and for ever after it was closed.

Nothing can be ordered then; what was ordered keeps its papers. A view says so with `stays_open`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, current_app, g, render_template, request

from kernel.web import SheafFlask
from tenants.accounts.models import TenantState
from tenants.resolve import current_match

RETRY_AFTER_SECONDS = "86400"
View = TypeVar("View", bound=Callable[..., Any])


def stays_open(view: View) -> View:
    """Shoppers keep this page of theirs when the shop is suspended or closed."""
    view.__stays_open__ = True  # type: ignore[attr-defined]  # the mark itself
    return view


def init_app(app: SheafFlask) -> None:
    """Stand before every view of a shop that is not open."""
    app.before_request(answer_for_closed_shops)


def answer_for_closed_shops() -> Response | None:
    """A decent page with the shop's name: 503 while it rests, 410 when it is gone; papers stay."""
    match = current_match()
    if match is None or match.tenant_id is None or match.state == TenantState.ACTIVE:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "__stays_open__", False):
        return None
    if match.state == TenantState.SUSPENDED:
        return _page(503, "suspended")
    return _page(410, "closed")


def _page(status: int, kind: str) -> Response:
    page = render_template("site/resting.html", status=status, kind=kind, name=g.profile.name)
    answer = Response(page, status=status, content_type="text/html; charset=utf-8")
    if status == 503:  # noqa: PLR2004 - the one that ends
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return answer
