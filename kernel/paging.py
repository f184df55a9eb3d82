"""One page of a list: its rows, and where it stands among all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")
PAGE_SIZE = 24
LAST_PAGE = 10_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows number `first` to `last` of `total`, counted from one."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


def paginate(
    session: Session, query: Select[Row], *, number: int = 1, size: int = PAGE_SIZE
) -> Page[Row]:
    """The page of that number; a number past the end gives the last page. Two statements."""
    plain: Select[Any] = query.order_by(None).options()
    total = session.scalar(select(func.count()).select_from(plain.subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(number, 1), last, LAST_PAGE)
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(rows=rows, number=number, size=size, total=total)
