"""Rules a linter cannot hold. Each failure says what to do instead."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("kernel", "tenants", "billing", "storefront", "admin")


def tracked(pattern: str) -> list[Path]:
    """The project's files: what git tracks, or everything where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    names = listed.stdout.splitlines() or [
        str(path.relative_to(ROOT)) for path in ROOT.rglob(pattern.removeprefix("*"))
    ]
    return sorted(ROOT / name for name in names if (ROOT / name).is_file())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES = [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in (*PACKAGES, "wsgi.py")]
TEMPLATES = [p for p in tracked("*.html") if p.relative_to(ROOT).parts[0] in PACKAGES]
SANDBOX = ROOT / "billing/sandbox"
OURS = [path for path in SOURCES if SANDBOX not in path.parents]
GATEWAY = {named(path) for path in SOURCES if ROOT / "billing/gateway" in path.parents}

# pattern, files that may use it, what to do instead
FORBIDDEN = [
    (r"\.(commit|rollback)\(", {"kernel/db.py", "kernel/commands.py", "kernel/doctor.py"},
     "use kernel.db.transaction()"),
    (r"\.with_for_update\(", {"kernel/db.py", "kernel/relay.py"}, "use kernel.db.for_update()"),
    (r"os\.(environ|getenv)", {"kernel/settings.py", "kernel/embedded.py", "kernel/keeper.py"},
     "read it in kernel/settings.py"),
    (r"datetime\.(now|utcnow)\(|date\.today\(", {"kernel/clock.py"}, "use kernel.clock.now()"),
    (r"\b(pickle|marshal|shelve|yaml\.load|dill)\b", set(), "nothing is ever pickled"),
    (r"\bRedis\b|\bredis\.from_url", {"kernel/relay.py", "kernel/health.py", "kernel/doctor.py",
     "kernel/commands.py", "kernel/worker.py", "kernel/serving.py"},
     "only the relay and the worker talk to Valkey"),
    (r"\bround\(", set(), "use kernel.money.round_half_away()"),
    (r"\bfloat\(", set(), "money and quantities are whole numbers"),
    (r"SET SESSION|set_config\(", set(), "the tenant is set with SET LOCAL in kernel.db"),
    (r"\|\s*safe\b|Markup\(", {"tenants/accounts/rich_text.py"}, "only sanitised text is markup"),
    (r"^import stripe|^from stripe", GATEWAY, "only billing.gateway talks to Stripe"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "allowed", "instead"), FORBIDDEN, ids=[f[2] for f in FORBIDDEN]
)
def test_only_the_right_place_does_it(pattern: str, allowed: set[str], instead: str) -> None:
    found = [
        f"{named(path)}:{number}: {instead}"
        for path in OURS
        if named(path) not in allowed
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line.partition("  # ")[0]) and not line.lstrip().startswith("#")
    ]
    assert found == []


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    long = {named(p): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}, "make a folder of the same name, one verb a file"


def test_functions_are_short() -> None:
    long = {
        f"{named(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in functions(path)
        if node.end_lineno and node.end_lineno - node.lineno >= 40
    }
    assert long == {}, "say each step with a name of its own"


def test_templates_are_short() -> None:
    long = {named(p): n for p in TEMPLATES if (n := len(p.read_text().splitlines())) > 120}
    assert long == {}, "make a macro or an include"


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "core"}
    found = [named(p) for p in tracked("*.py") if p.stem in drawers]
    assert found == [], "name what is in it"


def test_templates_have_no_inline_style_or_handler() -> None:
    found = [
        f"{named(path)}:{number}"
        for path in TEMPLATES
        if "notices" not in path.parts and SANDBOX not in path.parents
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\sstyle=|\son[a-z]+=|javascript:", line)
    ]
    assert found == [], "the content security policy blocks it"


def test_every_macro_is_used() -> None:
    texts = {path: path.read_text() for path in TEMPLATES}
    unused = [
        f"{named(path)}:{name}"
        for path, text in texts.items()
        for name in re.findall(r"{%-?\s*macro (\w+)\(", text)
        if not any(
            re.search(
                rf"\b{name}\b", other if other_path != path else other.replace(f"macro {name}", "")
            )
            for other_path, other in texts.items()
        )
    ]
    assert unused == [], "delete it"


def test_public_services_and_queries_say_what_is_true_afterwards() -> None:
    silent = [
        f"{named(path)}:{node.name}"
        for path in OURS
        if {"services", "queries", "rules", "jobs"} & {path.stem, path.parent.name}
        or path.parent == ROOT / "kernel"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_the_kernel_is_small_and_underneath() -> None:
    """Entry exam and budget of ADR 0002."""
    modules = [path for path in SOURCES if path.parent == ROOT / "kernel"]
    lines = sum(len(path.read_text().splitlines()) for path in modules)
    assert len(modules) <= 40
    assert lines <= 5200
    trade = re.compile(r"\b(order|cart|product|farm|grower|invoice|refund)s?\b", re.IGNORECASE)
    said = [f"{named(p)}: {m.group()}" for p in modules if (m := trade.search(code_of(p)))]
    assert said == [], "the kernel knows no word of the trade"


def code_of(path: Path) -> str:
    """Identifiers only: SQL's ORDER BY and prose do not count."""
    names = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Name | ast.arg)]
    return " ".join(n.id if isinstance(n, ast.Name) else n.arg for n in names).replace("_", " ")


WEB = r"^(?:from|import) (flask(?:_login|_admin|_wtf|_babel)?)\b"


def test_rules_and_models_know_no_flask() -> None:
    found = [
        f"{named(path)}: {name}"
        for path in OURS
        if path.stem in {"models", "rules", "queries", "services", "jobs", "errors"}
        or path.parent.name in {"rules", "queries", "services"}
        if path.parent.name != "notices"  # a face whose readers get mail
        for name in re.findall(WEB, path.read_text(), re.MULTILINE)
    ]
    assert found == []
