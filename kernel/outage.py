"""Is it the database that is away, or we who are wrong? The one is waited out, the other mended."""

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    InvalidRequestError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# What a database that is away, going or too busy can raise; of the rest is_outage says which.
KINDS = (OperationalError, InternalError, InterfaceError, PendingRollbackError, PoolTimeoutError)
RETRY_AFTER_SECONDS = 30
LOST_CONNECTION = "8s2b"  # SQLAlchemy: the session's connection went, and it was used again
# A transaction that idled or ran too long, or a server that only reads, as after a fail-over.
PASSING = frozenset({"25P03", "25P04", "25006"})
TOO_MUCH_ASKED = "54"  # PostgreSQL's class for statements beyond its limits: no waiting helps


def is_outage(error: BaseException | None) -> bool:
    """Whether the same request can be right a little later, with nothing changed by anyone."""
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, InvalidRequestError):
        return isinstance(error, PendingRollbackError) and error.code == LOST_CONNECTION
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    if isinstance(error, InternalError):
        return not state or state in PASSING
    return isinstance(error, OperationalError) and not state.startswith(TOO_MUCH_ASKED)
