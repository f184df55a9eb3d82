"""Which sandbox the running page or control belongs to."""

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from billing.sandbox.server import Sandbox

NAME = "stripe_sandbox"


def sandbox() -> "Sandbox":
    running: Sandbox = current_app.extensions[NAME]
    return running
