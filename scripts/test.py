"""Runs pytest in the environment of this folder, on every core, leaving nothing outside it."""

import os
import shutil
import sys
from pathlib import Path
from subprocess import run

from bootstrap import PYTHON, ROOT, bootstrap, environment


def main(arguments: list[str]) -> int:
    """Without arguments all tests but the slow ones; else what pytest makes of the arguments."""
    bootstrap(dev=True)
    scratch = ROOT / "instance" / f"tests-{os.getpid()}"
    cores = min(os.cpu_count() or 1, 4)
    spread = ["-n", str(cores)] if cores > 1 and not _names_tests(arguments) else []
    command = [str(PYTHON), "-m", "pytest", "-m", "not slow", f"--basetemp={scratch}/pytest"]
    scratch.mkdir(parents=True, exist_ok=True)
    made = environment(HOME=str(scratch))
    try:
        return run([*command, *spread, *arguments], cwd=ROOT, env=made, check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _names_tests(arguments: list[str]) -> bool:
    """A few tests start sooner in one process."""
    return any(Path(word.partition("::")[0]).suffix == ".py" for word in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
