"""The database session, the model base, the only place that commits and the only lock."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from enum import StrEnum
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import psycopg
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    Engine,
    Enum,
    ExceptionContext,
    MetaData,
    Select,
    Text,
    Time,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    mapped_column,
    registry,
)
from sqlalchemy.pool import ConnectionPoolEntry, Pool, PoolResetState

from kernel.scope import OutsideTheFilter, acted_for, on_leaving

CALM = (TransactionStatus.IDLE, TransactionStatus.INTRANS, TransactionStatus.INERROR)
Query = TypeVar("Query", bound=Select[Any])

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
# Text with a check instead of native enums, bigint instead of numeric: only those stay index
# conditions under row level security (their operators are leakproof).
COLUMN_TYPES: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    date: Date(),
    clock_time: Time(),
    int: BigInteger(),
    str: Text(),
    dict[str, Any]: JSONB(),
    list[str]: JSONB(),
    StrEnum: Enum(
        StrEnum,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda kind: [member.value for member in kind],
    ),
}


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): ordered by time, so new rows stay close together in an index."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds << 80) | (0x7 << 76) | ((random >> 4 & 0xFFF) << 64)
    return UUID(int=value | (0b10 << 62) | (random >> 16 & (1 << 62) - 1))


class Base(DeclarativeBase):
    """A row with an id that is made in Python, so it can be announced before it is written."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES), type_annotation_map=COLUMN_TYPES
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        self.registry.constructor(self, **values)


def _one_session_per_tenant() -> tuple[int, UUID | None]:
    return id(app_ctx._get_current_object()), acted_for()  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy's object


class ClosingSession(Session):
    """A session that can be closed whatever became of its connection."""

    def close(self) -> None:
        """Ends what was read, even on a connection that is gone: nobody waits for its answer."""
        try:
            super().close()
        except DBAPIError:
            self.invalidate()


class FilteredSession(ClosingSession, FlaskSession):
    """A session without the bulk methods, which go past the tenant filter's events."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise OutsideTheFilter("add objects, or execute an insert with values")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={
        "class_": FilteredSession,
        "expire_on_commit": False,
        "scopefunc": _one_session_per_tenant,
    },
)
on_leaving(db.session.remove)

_statement_timeout: ContextVar[timedelta | None] = ContextVar("statement_timeout", default=None)
_open: ContextVar[Session | None] = ContextVar("open_transaction", default=None)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit when the outermost block ends; a block inside another one joins it.

    Refused: a block for another tenant inside this one, and carrying on after a failed block.
    """
    session = db.session()
    outer = _open.get()
    if outer is not None:
        assert outer is session, "a transaction belongs to one tenant"
        try:
            yield session
        except BaseException:
            session.info["failed"] = True
            raise
        return
    token = _open.set(session)
    session.info["failed"] = False
    try:
        yield session
        assert not session.info["failed"], "part of this transaction failed and was not undone"
        session.commit()
    except BaseException:
        _undo(session)
        raise
    finally:
        _open.reset(token)


def _undo(session: Session) -> None:
    """Nothing of it stays; a connection that cannot be told so any more is thrown away."""
    try:
        session.rollback()
    except DBAPIError:  # interrupted in mid-query, or the database is gone
        session.invalidate()


@contextmanager
def statement_timeout(limit: timedelta | None) -> Iterator[None]:
    """Inside, a transaction's statements may take this long instead of what the role says."""
    token = _statement_timeout.set(limit)
    try:
        yield
    finally:
        _statement_timeout.reset(token)


def in_transaction() -> bool:
    """Whether a transaction() block is open."""
    return _open.get() is not None


def assert_no_transaction() -> None:
    """Call before the network: no change may wait for it, and no connection either."""
    assert _open.get() is None, "network call inside a database transaction"
    session = db.session()
    if session.in_transaction():
        pending = [*session.new, *session.dirty, *session.deleted]
        assert not pending, "unsaved changes"
        session.commit()  # ends the reads only, so that the pool has its connection back


def for_update(
    query: Query, *, of: Any = None, skip_locked: bool = False, share: bool = False
) -> Query:
    """Lock the rows and read them again; a plain lock keeps what the session saw before.

    With `share` others may hold them in the same way meanwhile, and nobody changes them.
    """
    locked = query.with_for_update(of=of, skip_locked=skip_locked, read=share)
    return locked.execution_options(populate_existing=True)


def insert_unless_there(model: type[Base], **values: Any) -> UUID | None:
    """Write a row unless one of its unique keys is taken; its id, or None when it was there."""
    row = insert(model).values(id=new_id(), **values)
    return db.session.scalars(row.on_conflict_do_nothing().returning(model.id)).one_or_none()


def let_go_after(seconds: int) -> None:
    """From here to its end this transaction is undone when its client falls silent for so long,
    so that what it holds is held from nobody by a process that hangs or a network that is gone."""
    assert _open.get() is not None, "only an open transaction holds anything"
    db.session.connection().exec_driver_sql(
        f"SET LOCAL idle_in_transaction_session_timeout = '{seconds:d}s'"
    )


def database_answers() -> bool:
    """Whether the database can be asked anything now."""
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return False
    return True


@contextmanager
def staff_reading() -> Iterator[Session]:
    """A session across all tenants that can change nothing: its role has SELECT only."""
    with ClosingSession(db.engines["staff"], info={"reads_across_tenants": True}) as session:
        yield session


@event.listens_for(Session, "after_begin")
def bind_the_tenant(
    session: Session, _transaction: SessionTransaction, connection: Connection
) -> None:
    """The second guard: tell row level security which tenant this transaction is for."""
    if session.info.get("reads_across_tenants"):
        return
    tenant_id = session.info.setdefault("tenant_id", acted_for())
    assert tenant_id == acted_for(), "a session serves one tenant for life"
    # A checked UUID literal: SET takes no parameters, and a UUID's text holds no quote.
    connection.exec_driver_sql(f"SET LOCAL app.tenant_id = '{tenant_id or ''}'")
    limit = _statement_timeout.get()
    if limit is not None:
        milliseconds = limit // timedelta(milliseconds=1)
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")


@event.listens_for(Engine, "handle_error")
def throw_away_what_was_interrupted(context: ExceptionContext) -> None:
    """A time limit broke off a query: its connection is still at work, and serves nobody else."""
    used = context.connection
    if used is None or used.closed or used.invalidated:
        return
    driver = used.connection.driver_connection
    if isinstance(driver, psycopg.Connection) and driver.info.transaction_status not in CALM:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


@event.listens_for(Pool, "reset")
def keep_only_calm_connections(
    connection: Any, entry: ConnectionPoolEntry, state: PoolResetState
) -> None:
    """Whatever went wrong before: SQLAlchemy trusts even a failed ROLLBACK, the pool does not."""
    if isinstance(connection, psycopg.Connection):
        status = connection.info.transaction_status
        if status not in CALM or (state.transaction_was_reset and status != CALM[0]):
            entry.invalidate()
