"""How long a test may take: CPU seconds, which a busy machine does not use up for others.

`--timeout` (pytest-timeout, wall clock) is only the stop for what hangs, and is generous.
Hypothesis measures no time at all: its deadlines are wall clock, too.
"""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import hypothesis
import pytest
from hypothesis import Phase

CPU_SECONDS = 120
# Hypothesis would take the first stop for a failing example, and try it again and again.
AGAIN_SECONDS = 2
PATIENCE_SECONDS = 120  # for what comes at once, but for a busy machine

# A run that fails says something about the change, so the examples are the same every time.
# `SEARCH=300 scripts/test …` tries 300 new ones, and makes what fails smaller, which takes minutes.
SEARCHING = int(os.environ.get("SEARCH", "0"))
hypothesis.settings.register_profile(
    "sheaf",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=not SEARCHING,
    database=None,
    phases=list(Phase) if SEARCHING else [Phase.explicit, Phase.generate],
)
hypothesis.settings.load_profile("sheaf")


@contextmanager
def cpu_limit(seconds: float) -> Generator[None]:
    """Whoever computes for longer than this meanwhile fails; waiting costs nothing."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        pytest.fail(f"used more than {seconds:g} s of CPU")

    before = signal.signal(signal.SIGPROF, stop)
    outer = signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, *outer)
        signal.signal(signal.SIGPROF, before)


def limit_of(item: pytest.Item) -> float:
    marked = item.get_closest_marker("cpu_limit")
    return float(marked.args[0]) if marked else CPU_SECONDS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with cpu_limit(limit_of(item)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with cpu_limit(limit_of(item)):
        return (yield)
