"""Lists and record pages over a model: Flask-Admin's queries, our templates, read only."""

from typing import Any, ClassVar
from uuid import UUID

from flask import current_app, url_for
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import func
from sqlalchemy.orm import Query, defer

from admin.console.cells import Cell, Copyable, Link, show
from admin.console.filters import Only
from admin.console.labels import LABELS
from admin.console.pages import StaffPages, exposed
from admin.console.reading import know_tenants, reads
from admin.console.record_page import Panel, RecordPage
from kernel.errors import NotFound
from kernel.text import tidy_line

LAST_PAGE = 10_000
LONGEST_SEARCH = 200
BRIEF_ROWS = 8


class Records(StaffPages, ModelView):  # type: ignore[misc]  # flask_admin carries no types
    """A list of rows and a page for each of them."""

    can_create = can_edit = can_delete = can_export = False
    can_view_details = True
    column_display_actions = False
    column_auto_select_related = False
    column_labels = LABELS
    column_default_sort = ("id", True)  # ids are UUIDv7: newest first
    page_size = 50
    form = FlaskForm  # Flask-Admin would make one from the model's columns at the start
    list_template = "console/list.html"
    details_template = "console/record.html"

    secret_columns: ClassVar[tuple[str, ...]] = ()  # not granted to the read role
    brief: ClassVar[tuple[str, ...]] = ()  # the columns on another record's page
    search_hint: ClassVar[Any] = ""

    def __init__(self, model: type[Any], *, name: Any, group: str, endpoint: str, url: str) -> None:
        super().__init__(model, reads, name=name, endpoint=endpoint, url=url)
        self.group = group

    # What Flask-Admin asks for

    def get_query(self) -> Query[Any]:
        """Rows without the columns that staff may not read."""
        hidden = [defer(getattr(self.model, name), raiseload=True) for name in self.secret_columns]
        return reads.session.query(self.model).options(*hidden)

    def get_count_query(self) -> Any:
        """How many rows there are."""
        return reads.session.query(func.count()).select_from(self.model)

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[Any]]:
        """One page of rows."""
        count, rows = super().get_list(*args, **kwargs)
        self.prepare(rows)
        return count, rows

    def get_list_value(self, model: Any, name: str) -> Cell:
        """The cell for one value of a row."""
        return self.cell(model, name)

    def get_filter_arg(self, _index: int, flt: Only) -> str:
        """The name of a filter in the address, the same in every language."""
        return flt.key

    def _get_list_extra_args(self) -> Any:
        given = super()._get_list_extra_args()
        given.page = min(max(given.page or 0, 0), LAST_PAGE)
        given.search = tidy_line(given.search or "")[:LONGEST_SEARCH] or None
        return given

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        filters: list[Only] = self._filters or []
        asked = [(i, flt.key, flt.asked_for()) for i, flt in enumerate(filters)]
        return [wanted for wanted in asked if wanted[2]]

    def _get_filters(self, _filters: Any) -> dict[str, str]:
        return {}  # they are part of the address already

    # What each view may say better

    def prepare(self, rows: list[Any]) -> None:
        """Read at once what the cells of these rows will need."""
        know_tenants(row.tenant_id for row in rows if hasattr(row, "tenant_id"))

    def cell(self, row: Any, name: str) -> Cell:
        """How a value is shown: a view's own `show_<name>`, or by its type."""
        own = getattr(self, f"show_{name}", None)
        value = own(row) if own else getattr(row, name)
        return show(value, name=name, tenant_id=getattr(row, "tenant_id", None))

    def describe(self, row: Any) -> RecordPage:
        """What stands beside the facts."""
        return RecordPage(title=str(row.id))

    # Pages and parts of pages

    def record_url(self, row: Any) -> str:
        """The address of a row's own page."""
        keys = {"tenant_id": row.tenant_id} if hasattr(row, "tenant_id") else {}
        return url_for(f"{self.endpoint}.record", record_id=row.id, **keys)

    def find(self, **keys: UUID) -> Any:
        """The row with these keys, or NotFound."""
        found = self.get_query().filter_by(**keys).one_or_none()
        if found is None:
            raise NotFound
        return found

    def show_page(self, row: Any) -> str:
        """The page of one row."""
        self.prepare([row])
        cells = [(label, self.cell(row, name)) for name, label in self._details_columns]
        facts = [(label, off_itself(cell, self.record_url(row))) for label, cell in cells]
        page = self.describe(row)
        return str(
            self.render(self.details_template, row=row, facts=[*facts, *page.facts], record=page)
        )

    def latest(self, title: Any, *where: Any, **criteria: Any) -> Panel:
        """The newest rows that fit, as a part of another record's page."""
        query = self.get_query().filter(*where).filter_by(**criteria)
        rows = query.order_by(self.model.id.desc()).limit(BRIEF_ROWS).all()
        self.prepare(rows)
        known = {flt.key for flt in self._filters or []}
        plain = not where and known >= set(criteria)
        more = url_for(f"{self.endpoint}.index_view", **criteria) if plain else ""
        return Panel(
            title=title,
            columns=[self.column_labels[name] for name in self.brief],
            rows=[[self.cell(row, name) for name in self.brief] for row in rows],
            empty=_("Nothing here"),
            more=more if len(rows) == BRIEF_ROWS else "",
        )


def off_itself(cell: Cell, url: str) -> Cell:
    """A link to the very page it stands on is only something to copy."""
    return Copyable(cell.text) if isinstance(cell, Link) and cell.url == url else cell


class PlatformRecords(Records):
    """Rows of the platform's own tables."""

    @exposed("/<uuid:record_id>")
    def record(self, record_id: UUID) -> str:
        """One row."""
        return self.show_page(self.find(id=record_id))


class TenantRecords(Records):
    """Rows that belong to a tenant, of all tenants."""

    simple_list_pager = True  # counting all rows of all shops would read them all

    @exposed("/<uuid:tenant_id>/<uuid:record_id>")
    def record(self, tenant_id: UUID, record_id: UUID) -> str:
        """One row."""
        return self.show_page(self.find(tenant_id=tenant_id, id=record_id))


def records(endpoint: str) -> Records:
    """The view of another kind of record."""
    found = current_app.extensions["sheaf_console"][endpoint]
    assert isinstance(found, Records), f"{endpoint} is no list of records"
    return found
