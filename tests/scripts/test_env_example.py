import re
from dataclasses import asdict, replace
from pathlib import Path

from kernel.settings import SECRETS, Settings, read_settings

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text()
LINES = re.findall(r"^(?:# )?(SHEAF_[A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)


def test_every_setting_is_listed_once() -> None:
    listed = [name for name, _value in LINES]

    assert sorted(listed) == sorted(f"SHEAF_{name.upper()}" for name in asdict(Settings()))


def test_the_values_shown_are_the_ones_in_force_when_nothing_is_said() -> None:
    shown = read_settings(dict(LINES))

    assert replace(shown, instance_dir=Settings().instance_dir) == Settings()


def test_what_production_needs_is_marked() -> None:
    marked = set()
    for block in EXAMPLE.split("# [p]")[1:]:
        names = re.findall(r"^(SHEAF_[A-Z_]+)=", block, re.MULTILINE)
        together = 2 if "connect; two" in block else 1
        marked.update(names[:together])

    assert marked == {f"SHEAF_{name.upper()}" for name in SECRETS}
