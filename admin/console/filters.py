"""The filters of a list: each is one column and one value, written plainly in the address."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import request
from flask_admin.contrib.sqla.filters import BaseSQLAFilter

from admin.console.reading import slug_of
from admin.console.words import state_words


class Only(BaseSQLAFilter):  # type: ignore[misc]  # flask_admin carries no types
    """Rows with one value in a column, asked for as `?<column>=<value>`; other values are ignored.

    An enum is offered as a drop-down; an id comes from a link and can only be taken away again.
    """

    def __init__(self, column: Any, label: Any, kind: type[StrEnum] | type[UUID]) -> None:
        super().__init__(column, label)
        self.key: str = column.key
        self.label, self.kind = label, kind

    def clean(self, value: str) -> StrEnum | UUID:
        """The value as the column holds it; Flask-Admin drops the filter on a ValueError."""
        return self.kind(value)

    def apply(self, query: Any, value: Any, _alias: Any = None) -> Any:
        """The query with only those rows."""
        return query.filter(self.column == value)

    def operation(self) -> str:
        """The only one there is."""
        return "="

    def asked_for(self) -> str:
        """The value in this request's address, or nothing when there is none that fits."""
        value = request.args.get(self.key, "")
        return value if value and self.validate(value) else ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Values and words for a drop-down; empty when there is no closed list."""
        if issubclass(self.kind, UUID):
            return []
        return [(member.value, state_words(member)) for member in self.kind]

    def words(self, value: str) -> str:
        """What is asked for, for people."""
        return slug_of(UUID(value)) if self.key == "tenant_id" else value
