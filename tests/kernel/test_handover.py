"""No job depends on what the broker remembers: whatever dies between two steps, the job is offered
again; whatever fails, it rests as long as it should; and nothing is left behind in Valkey."""

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from redis import Redis
from rq import Queue as Line
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from kernel import clock, jobs, relay, worker
from kernel.db import database_answers, db, transaction
from kernel.errors import DomainError
from kernel.jobs import Job, JobState, LeaseLost, PermanentFailure, complete_job, job, network_job
from kernel.outbox import Announcement, announce
from kernel.relay import OFFER_AGAIN, relay_once
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import all_due_jobs, make_due, work
from wsgi import SUBSCRIPTIONS

seen: list[str] = []
LATER = OFFER_AGAIN + timedelta(seconds=1)
# rq's own sets: they hold names of queues and of living workers, and do not grow with the work.
BOUNDED = {b"rq:queues", b"rq:workers"}


class Broken(DomainError):
    """What a handler raises in these tests."""


@job
def note() -> None:
    db.session.add(Announcement(topic="effect", facts={}))


@job
def fail() -> None:
    raise Broken


@job
def stumble() -> None:
    {}["no such key"]


@job
def give_up() -> None:
    raise PermanentFailure("refused for good")


@job(time_limit=timedelta(seconds=0.5))
def sleep_in_a_query() -> None:
    db.session.connection().exec_driver_sql("SELECT pg_sleep(20)")


@network_job(time_limit=timedelta(minutes=10))
def take_long() -> None:
    """Longer than a lease, as the test's clock has it."""


@job(statement_timeout=timedelta(seconds=40))
def ask_for_long() -> None:
    shown = db.session.connection().exec_driver_sql("SHOW statement_timeout").scalar()
    seen.append(str(shown))


TABLE = {
    "noted": [note], "failing": [fail], "stumbling": [stumble], "hopeless": [give_up],
    "sleeping": [sleep_in_a_query], "long": [take_long], "asking": [ask_for_long],
}  # fmt: skip


@pytest.fixture(autouse=True)
def subscriptions(connection: Redis) -> Iterator[None]:
    seen.clear()
    jobs.install(TABLE)
    yield
    jobs.install(SUBSCRIPTIONS)


def tell(tenant: Tenant, topic: str = "noted", times: int = 1) -> None:
    with acting_for(tenant.id), transaction():
        for _ in range(times):
            announce(topic)


def effects(tenant: Tenant) -> int:
    with acting_for(tenant.id):
        query = select(func.count(Announcement.id)).where(Announcement.topic == "effect")
        return db.session.scalars(query).one()


def only_job(tenant: Tenant) -> Job:
    with acting_for(tenant.id):
        return db.session.scalars(select(Job)).one()


def listed(connection: Redis, queue: str = "mail") -> list[bytes]:
    return connection.lrange(f"rq:queue:{queue}", 0, -1)  # type: ignore[return-value]


def lose_only_the_list(connection: Redis) -> None:
    connection.delete("rq:queue:mail")


def die_with_the_message(connection: Redis) -> None:
    connection.lpop("rq:queue:mail")


def die_and_be_marked_failed_for_ever(connection: Redis) -> None:
    name = connection.lpop("rq:queue:mail")
    key = b"rq:job:" + bytes(name)  # type: ignore[arg-type]
    connection.hset(key, "status", "failed")
    connection.persist(key)


def die_before_the_registry_knows(connection: Redis) -> None:
    connection.lmove("rq:queue:mail", "rq:queue:mail:intermediate", "LEFT", "RIGHT")


def lose_the_message_but_not_its_name(connection: Redis) -> None:
    for name in listed(connection):
        connection.delete(b"rq:job:" + name)


LOSSES = [
    lose_only_the_list,
    die_with_the_message,
    die_and_be_marked_failed_for_ever,
    die_before_the_registry_knows,
    lose_the_message_but_not_its_name,
    lambda connection: connection.flushall(),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_an_offer_that_nobody_claimed_is_made_again_whatever_the_broker_remembers(
    app: Flask, connection: Redis, greenfield: Tenant, loss: object
) -> None:
    tell(greenfield, times=3)
    assert relay_once(connection) == 3
    for _ in range(4):
        loss(connection)  # type: ignore[operator]
        work_nothing_that_is_lost(app, connection, greenfield)
        with time_machine.travel(clock.now() + LATER):
            relay_once(connection)
        make_due()
        relay_once(connection)
    work(app, connection)
    make_due()
    relay_once(connection)
    work(app, connection)
    assert effects(greenfield) == 3
    assert all_due_jobs() == []


def work_nothing_that_is_lost(app: Flask, connection: Redis, tenant: Tenant) -> None:
    if not listed(connection):
        work(app, connection)


def test_a_relay_that_dies_between_its_note_and_its_offer_loses_nothing(
    app: Flask, connection: Redis, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    tell(greenfield)
    with monkeypatch.context() as patched:
        patched.setattr(Line, "enqueue_many", die)
        with pytest.raises(KeyboardInterrupt):
            relay_once(connection)
    with time_machine.travel(clock.now() + LATER):
        assert relay_once(connection) == 1
    work(app, connection)
    assert effects(greenfield) == 1


def test_no_row_is_locked_while_valkey_hangs(
    app: Flask, connection: Redis, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[object] = []

    def hang(*_args: object) -> None:
        with db.engines["staff"].connect() as other, db.engine.connect() as ours:
            ours.exec_driver_sql(f"SET LOCAL app.tenant_id = '{greenfield.id}'")
            ours.exec_driver_sql("SELECT id FROM due_jobs FOR UPDATE NOWAIT")
            query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            locked.append(other.exec_driver_sql(f"{query} AND usename = 'sheaf_relay'").scalar())

    tell(greenfield)
    monkeypatch.setattr(Line, "enqueue_many", hang)
    relay_once(connection)
    assert locked == [0]


def test_nothing_is_left_in_valkey_by_what_succeeds_fails_dies_or_is_forged(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    for topic in ("noted", "failing", "stumbling", "hopeless"):
        tell(greenfield, topic, times=5)
    for _ in range(3):
        make_due()
        relay_once(connection)
        die_with_the_message(connection)
        work(app, connection)
    line = Line("mail", connection=connection, serializer=relay.JSONSerializer)
    line.enqueue_call("os.system", kwargs={"command": "true"})
    work(app, connection)
    forever = {key for key in connection.scan_iter() if connection.ttl(key) == -1}
    assert {key for key in forever if not key.startswith(b"rq:workers:")} <= BOUNDED
    assert len(connection.keys()) < 20  # type: ignore[arg-type]
    tell(greenfield, times=10)
    relay_once(connection)
    messages: list[bytes] = connection.keys("rq:job:*")  # type: ignore[assignment]
    assert messages
    assert all(0 < connection.ttl(key) <= relay.MESSAGE_TTL for key in messages)  # type: ignore[operator]


@pytest.mark.parametrize("before", [False, True], ids=["first attempt", "before any attempt"])
def test_back_off_is_short_after_the_first_failure_and_has_jitter(
    app: Flask, connection: Redis, greenfield: Tenant, before: bool
) -> None:
    tell(greenfield, "failing", times=8)
    if before:
        for row in all_due_jobs():
            jobs.record_failure(tenant_id=greenfield.id, job_id=row.id, error="Away")
    else:
        relay_once(connection)
        relay_once(connection)
        for _ in range(3):
            work(app, connection)
            relay_once(connection)
    waits = [(row.due_at - clock.now()).total_seconds() for row in all_due_jobs()]
    assert all(0 < wait <= 5 * 1.25 for wait in waits), waits
    assert len({round(wait, 1) for wait in waits}) > 1


def test_a_bug_is_tried_a_few_times_a_hopeless_case_once(
    app: Flask, connection: Redis, greenfield: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    tell(greenfield, "hopeless")
    relay_once(connection)
    work(app, connection)
    dead = only_job(greenfield)
    assert (dead.state, dead.attempts, all_due_jobs()) == (JobState.DEAD, 1, [])
    assert "PermanentFailure" in str(dead.last_error)
    assert any("job_dead" in str(record.msg) for record in caplog.records)

    with acting_for(greenfield.id), transaction() as session:
        session.delete(session.scalars(select(Job)).one())
    tell(greenfield, "stumbling")
    for _ in range(10):
        make_due()
        relay_once(connection)
        work(app, connection)
    assert (only_job(greenfield).state, only_job(greenfield).attempts) == (JobState.DEAD, 6)


def test_a_dead_job_made_ready_again_is_done(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield, "hopeless")
    relay_once(connection)
    work(app, connection)
    dead = only_job(greenfield)
    with acting_for(greenfield.id):
        jobs.retry_job(job_id=dead.id)
    with pytest.MonkeyPatch.context() as mended:
        mended.setitem(jobs.find_handler(dead.name).__dict__, "run", note.run)  # type: ignore[arg-type]
        assert relay_once(connection) == 1
        work(app, connection)
    assert only_job(greenfield).state is JobState.DONE
    assert only_job(greenfield).attempts == 2, "the number of a claim never comes twice"


def outage(monkeypatch: pytest.MonkeyPatch, step: str, times: int) -> list[float]:
    """The database is away for the first `times` of this step; returns the waits."""
    waits: list[float] = []
    real = getattr(jobs, step)

    def refuse(**facts: object) -> object:
        if len(waits) < times:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return real(**facts)

    monkeypatch.setattr(jobs, step, refuse)
    monkeypatch.setattr(worker, "database_answers", lambda: False)
    monkeypatch.setattr(worker.time, "sleep", waits.append)
    return waits


def test_a_worker_waits_out_an_outage_of_the_database_and_burns_nothing(
    app: Flask, connection: Redis, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(greenfield, times=4)
    relay_once(connection)
    waits = outage(monkeypatch, "claim", 25)
    standing: list[int] = []
    monkeypatch.setattr(
        worker.time, "sleep", lambda s: (waits.append(s), standing.append(len(listed(connection))))
    )
    work(app, connection)
    assert standing == [3] * 25, "it holds one and leaves the others"
    assert max(waits) <= 3
    assert effects(greenfield) == 4


def test_a_failure_during_an_outage_is_recorded_when_it_is_over(
    app: Flask, connection: Redis, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(greenfield, "failing")
    relay_once(connection)
    outage(monkeypatch, "record_failure", 5)
    work(app, connection)
    [due] = all_due_jobs()
    assert due.due_at <= clock.now() + timedelta(seconds=7)
    assert (only_job(greenfield).failures, only_job(greenfield).attempts) == (1, 1)


def test_a_tenant_that_cannot_be_reached_rests_whole_and_nobody_waits_for_it(
    app: Flask, connection: Redis, greenfield: Tenant, hillside: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    tell(greenfield, times=12)
    tell(hillside, times=2)
    claim = jobs.claim
    asked: list[object] = []

    def ask(**facts: object) -> object:
        if facts["tenant_id"] == greenfield.id:
            asked.append(facts["job_id"])
            raise OperationalError("SELECT", {}, Exception("node is down"))
        return claim(**facts)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "claim", ask)
    monkeypatch.setattr(worker.time, "sleep", lambda _seconds: None)
    relay_once(connection)
    work(app, connection)
    assert effects(hillside) == 2
    assert {row.tenant_id for row in all_due_jobs()} == {greenfield.id}
    assert all(row.due_at > clock.now() + timedelta(seconds=10) for row in all_due_jobs())
    assert relay_once(connection) == 0, "none of them comes to a worker again so soon"


def test_a_query_that_the_time_limit_interrupts_takes_its_connection_with_it(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield, "sleeping")
    relay_once(connection)
    work(app, connection)
    assert only_job(greenfield).last_error.startswith("TimeIsUp")  # type: ignore[union-attr]
    assert worker._worker is not None
    assert worker._worker.stops, "and its process is not used again"
    tell(greenfield)
    relay_once(connection)
    work(app, connection)
    assert effects(greenfield) == 1
    assert database_answers()


def test_any_interruption_in_mid_query_throws_the_connection_away(app: Flask) -> None:
    class Alarm(Exception):
        pass

    def strike(*_args: object) -> None:
        raise Alarm

    before = signal.signal(signal.SIGALRM, strike)
    with acting_for_nobody_in_particular() as pid:
        left = signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Alarm), transaction() as session:
            session.connection().exec_driver_sql("SELECT pg_sleep(20)")
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, *left)
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != pid


class acting_for_nobody_in_particular:  # noqa: N801 - reads as a context
    """The backend that the next transaction will use."""

    def __enter__(self) -> int:
        db.engine.dispose()
        with db.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    def __exit__(self, *_reason: object) -> None:
        db.session.remove()


def test_a_long_job_keeps_its_lease_as_long_as_its_worker_lives(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield, "long")
    [row] = all_due_jobs()
    claimed = jobs.claim(tenant_id=greenfield.id, job_id=row.id)
    assert claimed is not None
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(10):
            traveller.shift(timedelta(seconds=20))
            jobs.renew_lease(claimed)
            assert jobs.claim(tenant_id=greenfield.id, job_id=row.id) is None
            assert relay_once(connection) == 0
        traveller.shift(jobs.LEASE + timedelta(seconds=1))
        assert relay_once(connection) == 1
        taken = jobs.claim(tenant_id=greenfield.id, job_id=row.id)
        assert taken is not None
        jobs.renew_lease(claimed)  # too late: it changes nothing
        jobs.record_failure(
            tenant_id=greenfield.id, job_id=row.id, attempt=claimed.attempts, error="late"
        )
        assert jobs.claim(tenant_id=greenfield.id, job_id=row.id) is None, "still the second's"
        with acting_for(greenfield.id), jobs._as_running(claimed), pytest.raises(LeaseLost):
            complete_late()


def complete_late() -> None:
    with transaction():
        complete_job()


def test_a_lease_is_by_the_clock_of_the_database(
    app: Flask, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "database_now", func.clock_timestamp)
    tell(greenfield)
    [row] = all_due_jobs()
    assert jobs.claim(tenant_id=greenfield.id, job_id=row.id) is not None
    with time_machine.travel(clock.now() + timedelta(hours=1)):  # this machine's clock is wrong
        assert jobs.claim(tenant_id=greenfield.id, job_id=row.id) is None
        with acting_for(greenfield.id), transaction():
            announce("noted", due_at=clock.now() + timedelta(minutes=10))
    due = max(row.due_at for row in all_due_jobs())
    assert due < clock.now() + timedelta(minutes=11), "ten minutes are ten minutes"


def test_a_message_of_an_older_offer_does_not_end_a_rest(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield)
    [row] = all_due_jobs()
    relay_once(connection)
    with time_machine.travel(clock.now() + LATER):
        lose_only_the_list(connection)
        relay_once(connection)
        assert jobs.claim(tenant_id=greenfield.id, job_id=row.id, offer=1) is None
        assert jobs.claim(tenant_id=greenfield.id, job_id=row.id, offer=2) is not None


def test_a_kind_may_allow_its_statements_more_time(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield, "asking")
    relay_once(connection)
    work(app, connection)
    assert seen == ["40s"]


def test_a_job_of_a_newer_release_waits_for_its_worker(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield)
    jobs.install({"failing": [fail]})
    relay_once(connection)
    work(app, connection)
    [row] = all_due_jobs()
    assert (only_job(greenfield).state, only_job(greenfield).failures) == (JobState.READY, 0)
    assert row.due_at > clock.now() + timedelta(seconds=20)
