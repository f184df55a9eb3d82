"""Where Stripe's webhooks arrive: verified, kept, answered at once; worked by a job."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from billing import gateway
from billing.webhooks.errors import ForeignEvent
from billing.webhooks.services import take_in
from kernel.policy import public

MAX_BYTES = 256 * 1024

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")


@hooks.post("/stripe/<endpoint>")
@public
def receive(endpoint: str) -> ResponseReturnValue:
    """200 once the event is kept; 400 for whatever is not rightly signed for this endpoint."""
    request.max_content_length = MAX_BYTES
    payload = request.get_data(cache=False)
    try:
        take_in(
            endpoint=endpoint,
            payload=payload,
            signature=request.headers.get("Stripe-Signature", ""),
        )
    except (gateway.BadSignature, ForeignEvent) as error:
        raise BadRequest from error
    return "", 200
