"""The steps at which a worker, a relay or a clock can die, each with a name.

`install(step)` calls `step(name, job_id)` whenever a process comes by one of them.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rq import Queue as Line

from kernel import cron, jobs, relay, worker
from kernel.handlers import Handler
from kernel.worker import WarmWorker

WORKER_STEPS = [
    "dequeued", "before claim", "claimed", "before effect", "after effect", "before mark",
    "marked", "committed",
]  # fmt: skip
RELAY_STEPS = ["picked", "noted", "before offer", "offered"]
CRON_STEPS = ["before strike", "struck"]

Step = Callable[[str, UUID | None], None]
_now: list[UUID | None] = [None]


def install(step: Step) -> None:
    """Every step of this process is told from now on."""

    def around(place: Any, name: str, before: str = "", after: str = "") -> None:
        inner = getattr(place, name)

        def stepping(*args: Any, **kwargs: Any) -> Any:
            if before:
                step(before, _now[0])
            result = inner(*args, **kwargs)
            if after:
                step(after, _now[0])
            return result

        setattr(place, name, stepping)

    around(WarmWorker, "execute_job", before="dequeued")
    _remember_the_job()
    around(worker, "perform", before="before claim")
    around(jobs, "_claim", after="claimed")
    around(Handler, "__call__", before="before effect", after="after effect")
    around(jobs, "complete_job", before="before mark", after="marked")
    around(jobs, "work", after="committed")
    around(relay, "_pick", after="picked")
    around(relay, "_take", after="noted")
    around(Line, "enqueue_many", before="before offer", after="offered")
    around(cron, "_strike", before="before strike", after="struck")


def _remember_the_job() -> None:
    inner = WarmWorker.execute_job

    def executing(self: WarmWorker, message: Any, queue: Any) -> None:
        _now[0] = UUID(message.id.split("-")[1])
        inner(self, message, queue)

    WarmWorker.execute_job = executing  # type: ignore[method-assign]
