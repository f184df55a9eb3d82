"""What can go wrong between Sheaf and Stripe: a plain no, or that nobody can know yet."""

NO_ACCESS_TO_ACCOUNT = "account_invalid"  # Stripe's word for a permission that was taken back


class GatewayError(Exception):
    """A call to Stripe brought no result."""


class GatewayUnknown(GatewayError):
    """Nobody can know yet: not a no. Ask again later; until then nothing is released, cancelled,
    failed or said about money."""


class GatewayUnavailable(GatewayUnknown):
    """Nobody knows whether the call took effect: repeat it later with the same key.

    When `replayed`, Stripe has kept this failure as the key's answer: look up what was to be
    made, and if it is not there, try again with a new key. When `answered`, Stripe is there and
    asks to wait.
    """

    def __init__(self, message: str, *, replayed: bool = False, answered: bool = False) -> None:
        super().__init__(message)
        self.replayed = replayed
        self.answered = answered


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
    which says nothing about what there is to see.

    `revoked` when the key is none any more; `code` tells a lost account from a missing right.
    """

    def __init__(self, message: str, *, code: str | None = None, revoked: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.revoked = revoked


class BadSignature(Exception):
    """Not signed with any of our secrets, or not now. The sender is told nothing."""
