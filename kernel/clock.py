"""The one place that reads the time, so tests can stop it."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, literal

from kernel.settings import settings


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def database_now() -> ColumnElement[datetime]:
    """The present instant by the database's clock, for what processes of many machines compare.
    A test that stops the clock stops this one with it."""
    if settings().env == "test":
        return literal(now())
    return func.clock_timestamp()
