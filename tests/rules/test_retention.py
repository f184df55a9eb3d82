"""What docs/retention.md says is kept is what the code keeps."""

import re
from datetime import timedelta
from importlib import import_module

from kernel.settings import ROOT

ROWS = re.findall(
    r"^\| (?P<what>[^|]+) \|[^|]+\| (?P<after>[^|]+) \| `(?P<held>[\w./]+)` \|$",
    (ROOT / "docs/retention.md").read_text(),
    re.MULTILINE,
)


def test_every_row_names_code_that_is_there_and_its_period() -> None:
    assert len(ROWS) > 12
    for what, after, held in ROWS:
        if (ROOT / held).exists():
            continue
        module, _, name = held.rpartition(".")
        if not (ROOT / f"{module.replace('.', '/')}.py").exists() or not hasattr(
            import_module(module), name
        ):
            import_module(held)
            continue
        period = getattr(import_module(module), name)
        if isinstance(period, timedelta):
            assert after == f"{period.days} days", what
