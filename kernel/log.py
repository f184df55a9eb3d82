"""Structured logs: an event and its facts, with request, tenant and job ids, no personal data."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from structlog.typing import EventDict, WrappedLogger

from kernel.scope import acted_for

log: structlog.stdlib.BoundLogger = structlog.get_logger("sheaf")

# What a log line may never carry, whoever passes it.
PERSONAL = frozenset(
    {"email", "name", "phone", "address", "to", "password", "token", "code", "secret"}
)
# The lines in which PostgreSQL quotes rows, up to what SQLAlchemy or Python writes after them.
QUOTED = re.compile(
    r"(?ms)^[ |]*(DETAIL|CONTEXT|HINT|QUERY):.*?"
    r"(?=^[\s|]*(\[SQL: |\(Background |The above |During )|\Z)"
)


def _tenant(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    tenant_id = acted_for()
    if tenant_id is not None:
        event["tenant_id"] = str(tenant_id)
    return event


def _no_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key not in PERSONAL}


def _no_quoted_rows(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Everywhere: rq writes a whole traceback as its message.
    return {k: QUOTED.sub("", fact) if isinstance(fact, str) else fact for k, fact in event.items()}


def configure(log_format: str) -> None:
    """Every line of the process goes to standard error, as JSON in production."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _tenant,
        _no_personal_data,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _no_quoted_rows,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)


@contextmanager
def bind_job(job_id: UUID) -> Iterator[None]:
    """Lines written inside carry the job's id."""
    with structlog.contextvars.bound_contextvars(job_id=str(job_id)):
        yield
