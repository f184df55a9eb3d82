"""A local Stripe for development and tests: its HTTP API as far as Sheaf uses it, hosted pages
with test cards, signed webhooks, and switches to make it fail. Imports nothing else of Sheaf."""

from billing.sandbox.keys import PLATFORM_KEY
from billing.sandbox.server import CONNECT_SECRET, WEBHOOK_SECRET, Sandbox
from billing.sandbox.webhooks import Webhook

__all__ = ["CONNECT_SECRET", "PLATFORM_KEY", "WEBHOOK_SECRET", "Sandbox", "Webhook"]
