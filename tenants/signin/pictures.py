"""Pictures, on a shop's host for everyone and in the back office for those who work there."""

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import NotFound

from kernel.policy import public
from kernel.scope import current_tenant_id
from tenants.media.queries import read_file
from tenants.people.queries import may_enter
from tenants.signin.access import signed_in
from tenants.signin.closed import stays_open

shop_pictures = Blueprint("shop_pictures", __name__)
office_pictures = Blueprint("office_pictures", __name__)
PATH = "/media/<uuid:tenant_id>/<uuid:media_id>/<int:width>.webp"
YEAR = 31_536_000


@shop_pictures.get(PATH)
@public
@stays_open
def show_in_shop(tenant_id: UUID, media_id: UUID, width: int) -> ResponseReturnValue:
    """A picture of this very shop."""
    if tenant_id != current_tenant_id():
        raise NotFound
    return _answer(tenant_id, media_id, width, f"public, max-age={YEAR}, immutable")


@office_pictures.get(PATH)
@signed_in
def show_in_office(tenant_id: UUID, media_id: UUID, width: int) -> ResponseReturnValue:
    """A picture of a shop in which the person works."""
    if not may_enter(person_id=current_user.id, tenant_id=tenant_id):
        raise NotFound
    return _answer(tenant_id, media_id, width, f"private, max-age={YEAR}, immutable")


def _answer(tenant_id: UUID, media_id: UUID, width: int, cache: str) -> Response:
    content = read_file(tenant_id=tenant_id, media_id=media_id, width=width)
    if content is None:
        raise NotFound
    answer = Response(content, content_type="image/webp")
    answer.headers["Cache-Control"] = cache
    # Opened by itself it is a picture and nothing else, whatever is in it.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
