"""Around every call to Stripe: bounded, outside transactions, and with our own errors only."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from billing.gateway.breaker import breaker_for
from billing.gateway.errors import (
    GatewayAuthFailed,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
)
from kernel.db import assert_no_transaction
from kernel.settings import settings


@contextmanager
def reaching_stripe() -> Iterator[None]:
    """Around every call out: refused inside a database transaction; raises only our own errors."""
    assert_no_transaction()
    breaker = breaker_for(settings().stripe_api_base)
    with breaker.calling():
        try:
            with _as_our_own():
                yield
        except GatewayUnavailable as error:
            if error.replayed or error.answered:
                breaker.succeed()
            else:
                breaker.fail()
            raise
        except GatewayError:
            breaker.succeed()
            raise
        breaker.succeed()


@contextmanager
def _as_our_own() -> Iterator[None]:
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        revoked = isinstance(error, stripe.AuthenticationError)
        raise GatewayAuthFailed(_words(error), code=_code(error), revoked=revoked) from error
    except stripe.IdempotencyError as error:
        raise GatewayRefused(_words(error), code="idempotency_error") from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise GatewayRefused(_words(error), code=error.code, param=error.param) from error
    except stripe.StripeError as error:
        waits = error.http_status in {409, 429}
        raise GatewayUnavailable(
            _words(error), replayed=_is_replayed(error), answered=waits
        ) from error


def _words(error: stripe.StripeError) -> str:
    return str(error.user_message or error)


def _code(error: stripe.StripeError) -> str | None:
    # The SDK fills in `code` of some of its errors only.
    return error.code or (error.error.code if error.error is not None else None)


def _is_replayed(error: stripe.StripeError) -> bool:
    return (error.headers or {}).get("idempotent-replayed") == "true"
