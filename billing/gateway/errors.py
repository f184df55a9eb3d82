"""What can go wrong between Sheaf and Stripe: a plain no, or that nobody can know yet."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from kernel.db import assert_no_transaction


class GatewayError(Exception):
    """A call to Stripe brought no result."""


class GatewayUnknown(GatewayError):
    """Nobody can know yet: not a no. Ask again later; until then nothing is released, cancelled,
    failed or said about money."""


class GatewayUnavailable(GatewayUnknown):
    """Nobody knows whether the call took effect: repeat it later with the same key.

    When `replayed`, Stripe has kept this failure as the key's answer: look up what was to be
    made, and if it is not there, try again with a new key.
    """

    def __init__(self, message: str, *, replayed: bool = False) -> None:
        super().__init__(message)
        self.replayed = replayed


class GatewayRefused(GatewayError):
    """Stripe will not do this, and has not. The same call will be refused again."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param

    @property
    def not_found(self) -> bool:
        """Whether the account has no such object."""
        return self.code == "resource_missing"


class GatewayAuthFailed(GatewayUnknown):
    """The key is wrong or revoked, or the account has taken its permission back: we may not look,
    which says nothing about what there is to see."""


class BadSignature(Exception):
    """Not signed with any of our secrets, or not now. The sender is told nothing."""


@contextmanager
def reaching_stripe() -> Iterator[None]:
    """Around every call out: refused inside a database transaction; raises only our own errors."""
    assert_no_transaction()
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayAuthFailed(_words(error)) from error
    except stripe.IdempotencyError as error:
        raise GatewayRefused(_words(error), code="idempotency_error") from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise GatewayRefused(_words(error), code=error.code, param=error.param) from error
    except stripe.StripeError as error:
        raise GatewayUnavailable(_words(error), replayed=_is_replayed(error)) from error


def _words(error: stripe.StripeError) -> str:
    return str(error.user_message or error)


def _is_replayed(error: stripe.StripeError) -> bool:
    return (error.headers or {}).get("idempotent-replayed") == "true"
