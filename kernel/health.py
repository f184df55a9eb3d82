"""Is the process alive, is everything behind it there, and numbers about both."""

import hmac
from functools import cache
from time import perf_counter

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import NotFound

from kernel.db import db
from kernel.policy import public
from kernel.relay import connect
from kernel.settings import ROOT, settings

health = Blueprint("health", __name__)
REQUESTS = Counter("sheaf_requests_total", "Answers", ["surface", "endpoint", "status"])
SECONDS = Histogram("sheaf_request_seconds", "Time to answer", ["surface", "endpoint"])


@health.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@health.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Database, migrations and Valkey are there; 503 names what is not."""
    missing = [name for name, there in readiness().items() if not there]
    return jsonify(
        status="ok" if not missing else "waiting", missing=missing
    ), 503 if missing else 200


@health.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Numbers for Prometheus; a stranger without the token sees nothing here."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def readiness() -> dict[str, bool]:
    """What the process needs, by name, and whether it is there now."""
    return {"database": _database_answers(), "migrations": at_head(), "valkey": _valkey_answers()}


def _database_answers() -> bool:
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except OperationalError:
        return False
    return True


@cache
def _known_migrations() -> list[str]:
    scripts = Config()
    scripts.set_main_option("script_location", str(ROOT / "migrations"))
    return [known.revision for known in ScriptDirectory.from_config(scripts).walk_revisions()]


def _found_migration() -> str | None:
    try:
        with db.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except (OperationalError, ProgrammingError):
        return None
    return None if found is None else str(found)


def is_newer() -> bool:
    """Whether the database has migrations that this code does not know."""
    found = _found_migration()
    return found is not None and found not in _known_migrations()


def at_head() -> bool:
    """Whether the database has every migration this code knows, or newer ones that it does not:
    while an upgrade goes on, the code of before still serves."""
    found = _found_migration()
    return found is not None and found not in _known_migrations()[1:]


def _valkey_answers() -> bool:
    try:
        with connect() as connection:
            return bool(connection.ping())
    except RedisError:
        return False


def init_app(app: Flask) -> None:
    """Count and time every answer by its endpoint, never by its address."""
    app.register_blueprint(health, subdomain="site")

    @app.before_request
    def start() -> None:
        g.started = perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        match = request.environ.get("sheaf.host")
        surface = match.surface if match is not None else "none"
        endpoint = request.endpoint or "none"
        REQUESTS.labels(surface, endpoint, response.status_code).inc()
        if "started" in g:
            SECONDS.labels(surface, endpoint).observe(perf_counter() - g.started)
        return response
