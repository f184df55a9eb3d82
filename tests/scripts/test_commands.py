import ast
import os
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def call(*command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]} | environment, text=True,
        capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip


def fake_python(folder: Path, name: str, status: int) -> Path:
    """A program that answers as a Python that is too old (11) or without venv (1) would."""
    program = folder / name
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)
    return program


def test_a_port_in_use_is_one_line_and_nothing_is_started() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = call("scripts/demo", "--port", str(port))

    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"Port {port} is in use. Leave out --port to have a free one found."
    ]
    assert refused.stdout == ""


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    refused = call("scripts/demo", "--port", port)

    assert refused.returncode == 1
    assert "between 1 and 65535" in refused.stderr


def test_an_unknown_chapter_is_refused_with_the_list_and_nothing_is_started() -> None:
    refused = call("scripts/demo", "--once", "market_day", "harvest_moon")

    assert refused.returncode == 1
    assert refused.stderr.startswith("No chapter harvest_moon. There are: ")
    assert "market_day" in refused.stderr
    assert refused.stdout == ""


def test_every_chapter_says_what_it_is_about_and_can_be_played() -> None:
    chapters = sorted((ROOT / "scripts/chapters").glob("[a-z]*.py"))

    assert chapters
    for path in chapters:
        tree = ast.parse(path.read_text())
        plays = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert ast.get_docstring(tree), path.name
        assert ["world"] in [
            [word.arg for word in node.args.args] for node in plays if node.name == "play"
        ], path.name


def test_a_python_that_is_too_old_is_one_line(tmp_path: Path) -> None:
    old = fake_python(tmp_path, "python3.9", 11)

    refused = call("scripts/demo", PYTHON=str(old))

    assert refused.returncode == 1
    assert refused.stderr == f"PYTHON={old} is not Python 3.11 or newer.\n"


def test_a_python_without_venv_says_what_to_install(tmp_path: Path) -> None:
    bare = fake_python(tmp_path, "python with a space", 1)

    refused = call("scripts/find-python", PYTHON=str(bare))

    assert refused.returncode == 1
    assert "python3-venv" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_no_python_at_all_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    finder = tmp_path / "scripts/find-python"
    finder.write_bytes((ROOT / "scripts/find-python").read_bytes())

    refused = subprocess.run(
        ["/bin/sh", str(finder)], cwd=tmp_path, env={"PATH": str(tmp_path)}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip

    assert refused.returncode == 1
    assert refused.stderr.startswith("Sheaf needs Python 3.11 or newer, and none was found.")
    assert len(refused.stderr.splitlines()) == 1


def test_settings_of_the_shell_reach_neither_pip_nor_sheaf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHEAF_DATABASE_URL", "postgresql://elsewhere/")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    from scripts.bootstrap import environment

    made = environment()

    assert "/elsewhere" not in " ".join(made.values())
    assert not [name for name in made if name.startswith("SHEAF_")]
    assert made["PIP_INDEX_URL"] == "https://packages.example/simple"
