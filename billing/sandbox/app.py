"""The sandbox as a WSGI application: API, hosted pages, controls."""

import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask, Response, jsonify, request

from billing.sandbox import control
from billing.sandbox.api import Message
from billing.sandbox.errors import ConnectionCut
from billing.sandbox.here import NAME
from billing.sandbox.idempotency import Answer
from billing.sandbox.pages import checkout, front, onboarding
from billing.sandbox.world import API_VERSION, new_id

if TYPE_CHECKING:
    from billing.sandbox.server import Sandbox


def create_app(sandbox: "Sandbox") -> Flask:
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the provider's base class lacks it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[NAME] = sandbox
    for blueprint in (control.control, front.pages, checkout.pages, onboarding.pages):
        app.register_blueprint(blueprint)

    @app.route("/v1/<path:_rest>", methods=["GET", "POST", "DELETE"])
    def api(_rest: str) -> Response:
        message = _message()
        try:
            answer = sandbox.api.answer(message)
        except ConnectionCut:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response()
        return _response(message, answer)

    return app


def _message() -> Message:
    raw = request.get_data() if request.method == "POST" else request.query_string
    pairs = parse_qsl(raw.decode(), keep_blank_values=True)
    return Message(request.method, request.path, pairs, dict(request.headers))


def _response(message: Message, answer: Answer) -> Response:
    response = jsonify(answer.body)
    response.status_code = answer.status
    response.headers["Request-Id"] = new_id("req")
    response.headers["Stripe-Version"] = message.headers.get("Stripe-Version", API_VERSION)
    if message.key:
        response.headers["Idempotency-Key"] = message.key
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    if answer.again is not None:
        response.headers["Stripe-Should-Retry"] = "true" if answer.again else "false"
    return response
