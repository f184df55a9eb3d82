"""What Greenfield's own pages would send, and what the same would be called at Hillside."""

from collections.abc import Iterator

import psycopg
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.world import tables
from tests.world.cast import AT_HOME, come
from tests.world.pages import Form, forms_of, links_of
from tests.world.routes import Place, calls
from tests.world.story import World


def twins(world: World) -> dict[str, str]:
    """What each of Greenfield's rows is called at Hillside: both have had the same story."""
    return {
        str(mine["id"]): str(theirs["id"])
        for table, rows in world.greenfield.rows.items()
        for mine, theirs in zip(rows, world.hillside.rows[table], strict=False)
    }


def forms_at_home(app: Flask, world: World, admin: psycopg.Connection) -> dict[str, Form]:
    """By endpoint, a form of Greenfield's own pages that leads there; nothing has changed."""
    found: dict[str, Form] = {}
    for surface, (who, *_others) in AT_HOME.items():
        for visitor in (who, "nobody"):
            for form in _read(app, world, visitor, surface):
                endpoint = _endpoint(app, surface, form)
                if endpoint is not None:
                    found.setdefault(endpoint, form)
    tables.put_back(admin)
    return found


def _read(app: Flask, world: World, who: str, surface: str) -> Iterator[Form]:
    """The forms of all pages that someone finds, by address and then by links one step on."""
    own = Place(world, world.greenfield, world.greenfield)
    browser = come(app, world, who, surface)
    ahead = [call.address(app, own) for call in calls(app, surface) if call.reads]
    seen = set(ahead)
    for step in range(2):
        paths, ahead = ahead, []
        for path in paths:
            answer = browser.get(path)
            if answer.mimetype != "text/html":
                continue
            yield from forms_of(answer.text, path)
            new = {link for link in links_of(answer.text) if link.startswith("/")} - seen
            ahead += sorted(new) if step == 0 else []
            seen |= new


def _endpoint(app: Flask, surface: str, form: Form) -> str | None:
    """Where a form leads on its own host; None for one that only looks."""
    if form.method != "POST":
        return None
    adapter = app.url_map.bind("sheaf", subdomain=surface)
    try:
        return str(adapter.match(form.action.partition("?")[0], "POST")[0])
    except HTTPException:
        return None
