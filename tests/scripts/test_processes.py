"""Each story is played by a process of its own: the supervisor ends all children of its process."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

BEFORE = """
import os, subprocess, sys, time
from pathlib import Path
from scripts.processes import Failed, Processes

folder = Path(sys.argv[1])
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]

def python(program):
    return [sys.executable, "-c", program]

def pids():
    print(*(process.pid for process in processes.running.values()), flush=True)

with Processes(dict(os.environ), folder, folder / "log") as processes:
"""


def command(story: str, folder: Path) -> list[str]:
    program = BEFORE + textwrap.indent(textwrap.dedent(story), "    ")
    return [sys.executable, "-c", program, str(folder)]


def play(story: str, folder: Path) -> str:
    done = subprocess.run(command(story, folder), text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def alive(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_all_end_together_also_a_grandchild_that_went_its_own_way(tmp_path: Path) -> None:
    story = """
        processes.start("plain", SLEEP)
        runaway = folder / "runaway"
        processes.start("parent", python(
            "import subprocess, sys, time; from pathlib import Path;"
            "sleep = [sys.executable, '-c', 'import time; time.sleep(600)'];"
            "child = subprocess.Popen(sleep, start_new_session=True);"
            f"Path({str(runaway)!r}).write_text(str(child.pid)); time.sleep(600)"
        ), lambda: runaway.exists() and runaway.read_text() != "")
        pids()
        print(runaway.read_text())
    """

    started = play(story, tmp_path).split()

    assert len(started) == 3
    assert not any(map(alive, started))


def test_a_process_that_ends_is_reported_with_its_last_words(tmp_path: Path) -> None:
    story = """
        processes.start("other", SLEEP)
        processes.start("worker", python("print('the cart is full'); raise SystemExit(7)"))
        processes.running["worker"].wait()
        try:
            processes.check()
        except Failed as failure:
            print(failure)
    """

    said = play(story, tmp_path)

    assert "worker ended with exit status 7." in said
    assert "| the cart is full" in said


def test_one_that_dies_before_it_is_ready_is_not_waited_for(tmp_path: Path) -> None:
    story = """
        try:
            processes.start("web", python("raise SystemExit(3)"), lambda: False)
        except Failed as failure:
            print(failure)
    """

    assert "web ended with exit status 3." in play(story, tmp_path)


def test_a_command_gives_what_it_printed_or_fails(tmp_path: Path) -> None:
    story = """
        print(processes.run("seed", python("print('two shops')")), processes.running)
        try:
            processes.run("upgrade", python("raise SystemExit(1)"))
        except Failed as failure:
            print(failure)
    """

    said = play(story, tmp_path)

    assert said.startswith("two shops\n {}")
    assert "upgrade ended with exit status 1." in said


def test_what_the_reader_watches_is_shown_and_its_status_told(tmp_path: Path) -> None:
    story = """
        processes.start("other", SLEEP)
        print("status", processes.show(python("print('step one'); raise SystemExit(4)")))
    """

    assert play(story, tmp_path) == "step one\nstatus 4\n"


def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    story = """
        processes.start("child", SLEEP)
        pids()
        sys.stdin.read()
    """
    supervisor = subprocess.Popen(
        command(story, tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert supervisor.stdout is not None
    child = supervisor.stdout.readline().strip()
    time.sleep(0.2)
    assert alive(child)

    supervisor.kill()
    supervisor.communicate()

    for _ in range(2400):
        if not alive(child):
            return
        time.sleep(0.05)
    pytest.fail("the child is still there")
