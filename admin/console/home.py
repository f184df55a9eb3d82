"""The first page: is Sheaf well, and where to look if not."""

from admin.console.health import read_health
from admin.console.pages import StaffPages, exposed


class Home(StaffPages):
    """Numbers that lead to the rows behind them."""

    @exposed("/")
    def index(self) -> str:
        """How Sheaf is doing now."""
        return str(self.render("console/home.html", health=read_health()))
