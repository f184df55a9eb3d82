"""Queues by who waits, and shares per shop: a flood delays those who made it."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import time_machine
from flask import Flask
from redis import Redis
from sqlalchemy import select

from kernel import clock, jobs, relay
from kernel.db import db, transaction
from kernel.jobs import Job, Queue, job
from kernel.outbox import announce
from kernel.relay import LISTED, SHARE, relay_once
from kernel.scope import PLATFORM_ID, acted_for, acting_for
from tenants.accounts.models import Tenant
from tenants.mail.services import post_mail
from tests.jobs import all_due_jobs, work
from tests.statements import statements
from wsgi import SUBSCRIPTIONS

done: list[tuple[str, UUID | None]] = []


@job(queue="urgent")
def code() -> None:
    done.append(("urgent", acted_for()))


@job(queue="mail")
def letter() -> None:
    done.append(("mail", acted_for()))


@job(queue="sweep")
def broom() -> None:
    done.append(("sweep", acted_for()))


@pytest.fixture(autouse=True)
def subscriptions(connection: Redis) -> Iterator[None]:
    done.clear()
    jobs.install({"urgent": [code], "mail": [letter], "sweep": [broom]})
    yield
    jobs.install(SUBSCRIPTIONS)


def tell(tenant: Tenant, topic: str, times: int = 1) -> None:
    with acting_for(tenant.id), transaction():
        for _ in range(times):
            announce(topic)


def drain(app: Flask, connection: Redis) -> None:
    while relay_once(connection):
        work(app, connection)


@pytest.mark.parametrize("flood", ["urgent", "mail", "sweep"])
def test_one_shops_flood_does_not_stand_before_anothers_code(
    app: Flask, connection: Redis, greenfield: Tenant, hillside: Tenant, flood: str
) -> None:
    tell(greenfield, flood, times=300)
    relay_once(connection)
    tell(hillside, "urgent")
    drain(app, connection)
    place = done.index(("urgent", hillside.id))
    assert place <= SHARE, f"{place} of the flood came first"
    assert len(done) == 301


def test_shops_take_turns_and_the_oldest_of_each_goes_first(
    app: Flask, connection: Redis, greenfield: Tenant, hillside: Tenant
) -> None:
    tell(greenfield, "mail", times=250)  # deeper than one look
    tell(hillside, "mail", times=3)
    assert relay_once(connection) <= LISTED
    names = relay.make_queue(connection).get_job_ids()
    turns = [UUID(name.split("-")[0]) for name in names]
    assert turns[:6] == [greenfield.id, hillside.id] * 3
    assert turns.count(greenfield.id) == SHARE


def test_who_waits_goes_first_and_nobody_is_left_out(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    line = {queue: relay.make_queue(connection, queue) for queue in Queue}
    for topic in Queue:
        tell(greenfield, topic.value, times=60)
    for row in all_due_jobs():
        body = relay.Offer(row.tenant_id, row.id, 0)
        message = {"kwargs": relay.write_message(body), "job_id": body.name}
        line[Queue(row.queue)].enqueue_call(relay.ENTRY, **message)
    work(app, connection)
    order = [queue for queue, _tenant in done]
    assert order[0] == "urgent"
    half = order[:64]
    assert half.count("urgent") > 40
    assert half.count("mail") >= 8
    assert half.count("sweep") >= 2


def test_ten_thousand_waiting_jobs_cost_next_to_nothing_while_they_wait(
    app: Flask, connection: Redis, greenfield: Tenant, admin: psycopg.Connection
) -> None:
    admin.execute(
        "INSERT INTO due_jobs (id, tenant_id, queue, due_at, first_due_at, attempts) "
        "SELECT gen_random_uuid(), gen_random_uuid(), 'mail', now(), now(), 0 "
        "FROM generate_series(1, 10000)"
    )
    relay_once(connection)
    before = written(admin)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(120):
            traveller.shift(timedelta(seconds=0.5))
            relay_once(connection)
    assert written(admin) - before <= 5 * LISTED, "in a minute"
    assert len(relay.make_queue(connection)) == LISTED


def written(admin: psycopg.Connection) -> int:
    with db.engines["relay"].connect() as relaying:
        relaying.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    db.engines["relay"].dispose()
    admin.execute("SELECT pg_stat_clear_snapshot()")
    row = admin.execute(
        "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'due_jobs'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_an_idle_relay_asks_one_question_per_queue(app: Flask, connection: Redis) -> None:
    with statements() as ours:
        assert relay_once(connection) == 0
    assert ours == []


@pytest.mark.parametrize(("secret", "queue"), [(True, "urgent"), (False, "mail")])
def test_a_code_is_delivered_before_letters(
    app: Flask, greenfield: Tenant, secret: bool, queue: str
) -> None:
    jobs.install(SUBSCRIPTIONS)
    with acting_for(PLATFORM_ID), transaction():
        post_mail(to="a@example.org", subject="s", html="", text="", kind="code", secret=secret)
    assert [row.queue for row in all_due_jobs()] == [queue]
    with acting_for(PLATFORM_ID):
        assert db.session.scalars(select(Job.queue)).all() == [queue]


URGENT = [
    "sign_up.code_asked", "password_reset.asked", "shopper.code_asked", "provider_event.received",
    "payment.succeeded", "order.payment_due",
]  # fmt: skip


@pytest.mark.parametrize("topic", URGENT)
def test_codes_and_payments_are_urgent(topic: str) -> None:
    assert Queue.URGENT in {handler.queue for handler in SUBSCRIPTIONS[topic]}


def test_what_the_clock_brings_keeps_nobody_waiting() -> None:
    for topic in ("visitors.due", "leftovers.due", "work.over", "stripe.pull", "money.sweep"):
        assert {handler.queue for handler in SUBSCRIPTIONS[topic]} == {Queue.SWEEP}
