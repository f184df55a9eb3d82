"""Collect every message into the catalogue of its room; new ones wait there for their Chinese.

A message belongs to the nearest folder above its file that has `translations/`. One that any
room has translated is not asked for again; one that nobody says any more is taken out.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("kernel", "tenants", "billing", "storefront", "admin")
LOCALE = "zh_Hans_CN"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
OPTIONS = {"extensions": "jinja2.ext.do", "trimmed": "true", "silent": "false"}
APART = ROOT / "billing/sandbox"  # speaks for itself, outside the app

Message = str | list[str] | tuple[str, ...]


def sources() -> Iterator[tuple[Path, str]]:
    """Every file that may speak to people, and how to read it."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            kind = {".py": "python", ".html": "jinja2", ".txt": "jinja2"}.get(path.suffix)
            in_templates = "templates" in path.parts
            if kind and APART not in path.parents and (kind == "python" or in_templates):
                yield path, kind


def used() -> dict[Message, Path]:
    """Each message and the first file that says it."""
    found: dict[Message, Path] = {}
    for path, kind in sources():
        options = OPTIONS if kind == "jinja2" else {}
        for _line, message, _comments, _context in extract_from_file(
            kind, path, keywords=KEYWORDS, options=options
        ):
            found.setdefault(message, path)
    return found


def catalogues() -> dict[Path, Catalog]:
    """Every room's Chinese, by its file."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).glob(f"**/translations/{LOCALE}/LC_MESSAGES/messages.po")):
            with path.open("rb") as file:
                found[path] = read_po(file, locale=LOCALE)
    return found


def home_of(path: Path, known: dict[Path, Catalog]) -> Path:
    """The catalogue nearest above a file."""
    for folder in path.parents:
        wanted = folder / "translations" / LOCALE / "LC_MESSAGES" / "messages.po"
        if wanted in known:
            return wanted
    room = path.relative_to(ROOT).parts[0]
    return ROOT / room / "translations" / LOCALE / "LC_MESSAGES" / "messages.po"


def key_of(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def collect() -> int:
    """Bring the catalogues up to date; returns how many messages wait for their Chinese."""
    known, said = catalogues(), used()
    keys = {key_of(message) for message in said}
    for catalogue in known.values():
        for message in list(catalogue):
            if message.id and key_of(message.id) not in keys:
                catalogue.delete(message.id)
        catalogue.obsolete.clear()
    there = {key_of(m.id) for catalogue in known.values() for m in catalogue if m.id}
    for new, path in said.items():
        if key_of(new) not in there:
            home = home_of(path, known)
            known.setdefault(home, Catalog(locale=LOCALE, fuzzy=False)).add(
                new, flags=["python-brace-format"] if "{" in key_of(new) else []
            )
    waiting = 0
    for path, catalogue in known.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file, catalogue, sort_output=True, no_location=True, omit_header=False, width=100
            )
        empty = [m for m in catalogue if m.id and not "".join(m.string or "")]
        waiting += len(empty)
        if empty:
            print(f"{path.relative_to(ROOT)}: {len(empty)} without Chinese")
    return waiting


if __name__ == "__main__":
    waiting = collect()
    compiled = [sys.executable, str(ROOT / "scripts/compile_translations.py")]
    subprocess.run([*compiled, *map(str, catalogues())], check=True)
    sys.exit(1 if waiting else 0)
