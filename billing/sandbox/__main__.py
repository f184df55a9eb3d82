"""`python -m billing.sandbox --port 8420 --state instance/stripe.sqlite --webhook URL`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from billing.sandbox.server import CONNECT_SECRET, WEBHOOK_SECRET, Sandbox


def main() -> int:
    given = _arguments()
    try:
        sandbox = Sandbox(
            webhook_target=given.webhook,
            webhook_secret=given.webhook_secret,
            connect_target=given.connect_webhook,
            connect_secret=given.connect_webhook_secret,
            state=given.state,
            port=given.port,
            public_url=given.public_url,
            settle_after=given.settle_after,
        )
    except OSError as error:
        sys.stderr.write(f"The Stripe sandbox cannot start on port {given.port}: {error}\n")
        return 1
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with sandbox:
        sys.stdout.write(f"Stripe sandbox on {sandbox.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m billing.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--state", type=Path, help="file that keeps accounts over a restart")
    parser.add_argument("--public-url", help="address of the hosted pages, if not the own one")
    parser.add_argument("--webhook", help="where the platform's own events go")
    parser.add_argument("--webhook-secret", default=WEBHOOK_SECRET)
    parser.add_argument("--connect-webhook", help="where connected accounts' events go")
    parser.add_argument("--connect-webhook-secret", default=CONNECT_SECRET)
    parser.add_argument("--settle-after", type=float, default=10.0, metavar="SECONDS")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
