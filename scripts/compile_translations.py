"""Compiles the catalogues named: each .po gets its .mo beside it, whole or not at all."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(text: Path) -> None:
    made = text.with_suffix(".mo.new")
    with text.open("rb") as source, made.open("wb") as target:
        write_mo(target, read_po(source))
    made.replace(text.with_suffix(".mo"))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_catalogue(Path(name))
