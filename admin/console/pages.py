"""The base of every console page, on Flask-Admin: staff only, and nothing but what we expose.

Flask-Admin's SQLA views commit by themselves (decision D9). Its routes for creating, editing,
deleting, exporting and looking up do not exist here, so no mistake in a flag can bring them back.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from flask_admin import BaseView, expose

from admin.console.access import STAFF
from kernel.policy import Policy

View = TypeVar("View", bound=Callable[..., Any])
NEVER_EXPOSED = frozenset(
    {
        "create_view", "edit_view", "details_view", "delete_view", "action_view", "export",
        "ajax_lookup", "ajax_update",
    }
)  # fmt: skip


def exposed(url: str = "/", methods: Iterable[str] = ("GET",)) -> Callable[[View], View]:
    """Flask-Admin's expose, with a type."""
    return cast(Callable[[View], View], expose(url, methods))


class StaffPages(BaseView):  # type: ignore[misc]  # flask_admin carries no types
    """Pages of the console. `group` is their heading in the menu; without one they are left out."""

    __policy__: Policy = STAFF
    group: str = ""
    _urls: list[tuple[str, str, Iterable[str]]]

    def create_blueprint(self, admin: Any) -> Any:
        """The routes of this view, without Flask-Admin's own for writing and without its files."""
        self.static_folder, self.static_url_path = None, "/none"
        self._urls = [rule for rule in self._urls if rule[1] not in NEVER_EXPOSED]
        return super().create_blueprint(admin)

    def _run_view(self, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin calls a view again after a TypeError, which hides where it came from.
        return view(self, *args, **kwargs)

    def is_visible(self) -> bool:
        """Whether the menu names this view."""
        return bool(self.group)
