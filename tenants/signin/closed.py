"""What a shop's host answers while the shop is suspended, and for ever after it was closed."""

from flask import Response, g, render_template

from kernel.web import SheafFlask
from tenants.accounts.models import TenantState
from tenants.resolve import current_match

RETRY_AFTER_SECONDS = "86400"


def init_app(app: SheafFlask) -> None:
    """Stand before every view of a shop that is not open."""
    app.before_request(answer_for_closed_shops)


def answer_for_closed_shops() -> Response | None:
    """A decent page with the shop's name: 503 while it rests, 410 when it is gone."""
    match = current_match()
    if match is None or match.tenant_id is None or match.state == TenantState.ACTIVE:
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
