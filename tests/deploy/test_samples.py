"""A restart of what deploy/ starts breaks off no job, and waits for a database that is late."""

from pathlib import Path

import yaml

from kernel.jobs import TIME_LIMIT

DEPLOY = Path(__file__).parents[2] / "deploy"


def unit(name: str) -> list[str]:
    return (DEPLOY / "systemd" / name).read_text().splitlines()


def test_stopping_a_worker_lets_its_job_finish() -> None:
    worker = unit("sheaf-worker@.service")
    assert "KillMode=mixed" in worker
    assert "TimeoutStopSec=60" in worker
    assert TIME_LIMIT.total_seconds() < 60
    made = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert made["services"]["worker"]["stop_grace_period"] == "60s"


def test_migrations_wait_for_a_database_that_is_late() -> None:
    assert {"Restart=on-failure", "RestartMode=direct"} <= set(unit("sheaf-migrate.service"))
