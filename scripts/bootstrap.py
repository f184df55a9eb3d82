"""Makes the environment in .venv and keeps it as requirements.txt says; quick when nothing changed.

Everything stays inside the folder. What goes wrong is one line, as a SystemExit.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOGS = ROOT / "instance" / "log"
NEEDED_MEGABYTES = {"requirements.txt": 600, "requirements-dev.txt": 900}
# All that the environment of the caller may say: where things are found, and how to reach them.
KEPT = {
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "COLUMNS", "NO_COLOR",
    "CI", "TMPDIR", "CHROMIUM", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "PIP_CONFIG_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CERT",
    "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_FIND_LINKS", "PIP_NO_INDEX",
}  # fmt: skip
CAUSES = {
    "No space left on device": "the disk is full",
    "connection broken by": "the package registry cannot be reached",
    "Failed to establish a new connection": "the package registry cannot be reached",
    "timed out": "the package registry does not answer",
    "No matching distribution": "the registry has no such package for this Python and system",
}


def environment(**more: str) -> dict[str, str]:
    """The caller's environment without anything that could change what Sheaf or pip does."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    return kept | {"PYTHONNOUSERSITE": "1", "FLASK_SKIP_DOTENV": "1"} | more


def bootstrap(*, dev: bool = False) -> None:
    """.venv has what the requirements pin, and every catalogue of translations is compiled."""
    with _alone():
        _make_venv()
        _install("requirements-dev.txt" if dev else "requirements.txt")
        _compile_translations()


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands started at once wait for each other."""
    try:
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise SystemExit(f"{error.filename or ROOT} cannot be written by this user.") from None
    except OSError as error:
        raise SystemExit(f"The environment could not be made: {error}.") from None


def _make_venv() -> None:
    """A venv that is broken, or made by another Python than the one asked for, is made anew."""
    if PYTHON.exists():
        program = "import pip, sys; print(sys.version_info[:2])"
        shown = _run([PYTHON, "-Es", "-c", program])
        if shown.returncode == 0 and shown.stdout.strip() == str(sys.version_info[:2]):
            return
    shutil.rmtree(VENV, ignore_errors=True)
    made = _run([sys.executable, "-Es", "-m", "venv", str(VENV)])
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SystemExit(f"No virtual environment could be made: {_last_line(made.stdout)}")


def _install(requirements: str) -> None:
    """Install when the pinned list differs from the one that was installed last."""
    wanted = {name: (ROOT / name).read_text() for name in {"requirements.txt", requirements}}
    notes = {VENV / f"installed-{name}": text for name, text in wanted.items()}
    if all(note.exists() and note.read_text() == text for note, text in notes.items()):
        return
    _need_space(NEEDED_MEGABYTES[requirements] if not any(VENV.glob("installed-*")) else 100)
    print(f"Installing {requirements} into .venv (about a minute the first time) …", flush=True)
    done = _run([
        PYTHON, "-Es", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check",
        "--no-input", "--progress-bar", "off", "--retries", "2", "-r", str(ROOT / requirements),
    ])  # fmt: skip
    log = LOGS / "install.log"
    log.write_text(done.stdout)
    if done.returncode != 0:
        cause = next((why for mark, why in CAUSES.items() if mark in done.stdout), "pip failed")
        raise SystemExit(f"Installing {requirements} failed: {cause} (all of it: {log}).")
    for note, text in notes.items():
        note.write_text(text)


def _need_space(megabytes: int) -> None:
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < megabytes:
        raise SystemExit(f"Sheaf needs {megabytes} MB of free disk in {ROOT}; {free} MB are free.")


def _compile_translations() -> None:
    stale = [
        str(text)
        for room in ("kernel", "tenants", "billing", "storefront", "admin")
        for text in (ROOT / room).glob("**/LC_MESSAGES/*.po")
        if not (made := text.with_suffix(".mo")).exists()
        or made.stat().st_mtime < text.stat().st_mtime
    ]
    if stale:
        done = _run([PYTHON, "-Es", str(ROOT / "scripts" / "compile_translations.py"), *stale])
        if done.returncode != 0:
            raise SystemExit(f"Translations could not be compiled: {_last_line(done.stdout)}")


def _run(command: list[str | Path]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=environment(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no reason given"])[-1]


if __name__ == "__main__":
    bootstrap(dev="dev" in sys.argv[1:])
