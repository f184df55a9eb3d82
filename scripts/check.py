"""Runs every check, also after one has failed, and says at the end which did."""

import sys
import time
from subprocess import run

from bootstrap import PYTHON, ROOT, bootstrap, environment

# Blank lines and breaks; a button without a type submits, as ours do; links within one surface.
TASTE = "H014,H015,H043,J018"
CHECKS: dict[str, list[str]] = {
    "format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "lint": ["-m", "ruff", "check", "--quiet", "."],
    "types": ["-m", "mypy", "--no-error-summary"],
    "types of scripts": ["-m", "mypy", *map(str, sorted(ROOT.glob("scripts/**/*.py")))],
    "imports": ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
    "bill of materials": [str(ROOT / "scripts" / "sbom.py")],
    "templates": ["-m", "djlint", "--lint", "--quiet", "--profile=jinja", f"--ignore={TASTE}", "."],
}


def main() -> int:
    bootstrap(dev=True)
    results = {name: _passes(name, [str(PYTHON), *words]) for name, words in CHECKS.items()}
    results["tests"] = _passes("tests", [str(ROOT / "scripts" / "test")])
    failed = [name for name, passed in results.items() if not passed]
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)
    began = time.monotonic()
    status = run(command, cwd=ROOT, env=environment(), check=False).returncode
    print(f"== {name}: {'passed' if status == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return status == 0


if __name__ == "__main__":
    sys.exit(main())
