"""What stands on a record page beside its facts."""

from dataclasses import dataclass, field
from typing import Any

from admin.console.cells import Cell


@dataclass(frozen=True)
class Act:
    """Something staff may do about a record: leads to the form that asks for a reason."""

    label: Any
    url: str
    danger: bool = False


@dataclass(frozen=True)
class Panel:
    """Rows of another table that belong to the record, newest first and never all of them."""

    title: Any
    columns: list[Any]
    rows: list[list[Cell]]
    empty: Any
    more: str = ""


@dataclass(frozen=True)
class Happening:
    """One line of a record's history."""

    text: str
    at: Cell
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class RecordPage:
    """A record's name and state, the rows that belong to it, what can be done, what happened."""

    title: str
    state: Cell | None = None
    facts: list[tuple[Any, Cell]] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    history: list[Happening] = field(default_factory=list)
    history_url: str = ""
