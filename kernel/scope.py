"""Which tenant we act for, and the filter that keeps every query inside it: the first guard.

The second is row level security in the database; it is bound to the same tenant by kernel.db.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Table, TextClause, event
from sqlalchemy.orm import (
    DeclarativeBase,
    FromStatement,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
    relationship,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

NOBODY = UUID(int=0)
# Tenant zero: Sheaf itself. Its mails, jobs and audit live in the same tables as everyone's.
PLATFORM_ID = UUID("00000000-0000-7000-8000-000000000000")

# Tables of the platform itself that name a tenant; their own policies keep the app inside it.
LOCAL = frozenset({"due_jobs", "watches"})

_tenant_id: ContextVar[UUID | None] = ContextVar("tenant_id", default=None)
_leaving: list[Callable[[], None]] = []


class NoTenant(RuntimeError):
    """Tenant data was asked for while acting for nobody: a bug, never a user error."""


class OutsideTheFilter(RuntimeError):
    """A statement that the tenant filter cannot see: write it with mapped classes."""


@contextmanager
def acting_for(tenant_id: UUID) -> Iterator[None]:
    """Inside, every statement is this tenant's; leaving gives the database session back."""
    if _tenant_id.get() == tenant_id:
        yield
        return
    token = _tenant_id.set(tenant_id)
    try:
        yield
    finally:
        for leave in _leaving:
            leave()
        _tenant_id.reset(token)


def on_leaving(hook: Callable[[], None]) -> None:
    """Run the hook each time an acting_for block ends, while it still acts for the tenant."""
    _leaving.append(hook)


def current_tenant_id() -> UUID:
    """The tenant acted for; raises NoTenant when there is none."""
    tenant_id = _tenant_id.get()
    if tenant_id is None:
        raise NoTenant("nobody is acted for")
    return tenant_id


def acted_for() -> UUID | None:
    """The tenant acted for, or None."""
    return _tenant_id.get()


class TenantOwned:
    """A row of one tenant: keyed (tenant_id, id), filtered here, guarded again by the database."""

    @declared_attr
    def tenant_id(cls) -> Mapped[UUID]:  # noqa: N805 - a declared_attr receives the class
        return mapped_column(
            ForeignKey("tenants.id"), primary_key=True, default=current_tenant_id, sort_order=-2
        )


def tenant_key(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the tenant: (tenant_id, column) -> target (tenant_id, id)."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


# Composite keys share tenant_id, which is the point; loading is always asked for, never implied.
related = partial(relationship, overlaps="__*", lazy="raise")
# To a row that this one names by id. It never writes: unsetting it would blank tenant_id as well.
refers_to = partial(relationship, viewonly=True, lazy="raise")


@lru_cache
def tenant_tables(base: type[DeclarativeBase]) -> frozenset[Table]:
    """Every table whose rows belong to a tenant."""
    mappers = base.registry.mappers
    return frozenset(
        table
        for mapper in mappers
        if issubclass(mapper.class_, TenantOwned)
        for table in mapper.tables
        if isinstance(table, Table)
    )


def _reads_across_tenants(session: Session) -> bool:
    return bool(session.info.get("reads_across_tenants"))


@event.listens_for(Session, "do_orm_execute")
def stay_inside_the_tenant(state: ORMExecuteState) -> None:
    """Add the tenant to every statement; loud for a mapped tenant class, quiet for subqueries."""
    if _reads_across_tenants(state.session) or state.is_column_load or state.is_relationship_load:
        return
    if not state.is_orm_statement:
        _refuse_unmapped(state.statement)
        return
    if any(issubclass(mapper.class_, TenantOwned) for mapper in state.all_mappers):
        _refuse_what_names_its_own_tenant(state)
    if state.is_insert:
        return
    tenant_id = _tenant_id.get() or NOBODY
    state.statement = state.statement.options(
        with_loader_criteria(
            TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True
        )
    )


def _refuse_what_names_its_own_tenant(state: ORMExecuteState) -> None:
    """Statements whose rows or keys are given as values, which no criteria could narrow."""
    tenant_id = current_tenant_id()
    statement: Any = state.statement
    if isinstance(statement, FromStatement):
        raise OutsideTheFilter("from_statement() cannot be filtered")
    if state.is_update and isinstance(state.parameters, list):
        raise OutsideTheFilter("an update by key cannot be filtered")
    if state.is_insert:
        if statement.select is not None:
            raise OutsideTheFilter("insert values, not a select")
        given: Any = state.parameters or {}
        rows = given if isinstance(given, list) else [given, statement.compile().params]
        for row in rows:
            named = [v for key, v in row.items() if re.fullmatch(r"tenant_id(_m\d+)?", key)]
            assert set(named) <= {tenant_id, None}, "row belongs to another tenant"


def _refuse_unmapped(statement: Any) -> None:
    if isinstance(statement, TextClause):
        raise OutsideTheFilter("text() cannot be filtered")
    for element in visitors.iterate(statement):
        if isinstance(element, Table) and "tenant_id" in element.c and element.name not in LOCAL:
            raise OutsideTheFilter(f"select the class mapped to {element.name}, not its table")


@event.listens_for(Session, "before_attach")
def never_take_in_another_tenants_row(session: Session, row: object) -> None:
    """An object of another tenant cannot enter the session, so nothing can refresh it here."""
    if isinstance(row, TenantOwned) and not _reads_across_tenants(session):
        belongs = row.__dict__.get("tenant_id")
        assert belongs in (None, _tenant_id.get()), "row belongs to another tenant"


@event.listens_for(Session, "before_flush")
def never_write_into_another_tenant(
    session: Session, _context: UOWTransaction, _objects: object
) -> None:
    """A row that belongs elsewhere stops the flush."""
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, TenantOwned):
            row.tenant_id = row.tenant_id or current_tenant_id()
            assert row.tenant_id == current_tenant_id(), "row belongs to another tenant"
