"""From PostgreSQL to a real rq worker over a real Valkey and back; what is forged is not run."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from kernel import jobs, relay
from kernel.db import db, new_id, transaction
from kernel.jobs import job
from kernel.outbox import Announcement, announce
from kernel.relay import ForgedMessage, Offer
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import due_jobs, make_due, work
from wsgi import SUBSCRIPTIONS


@job
def note() -> None:
    db.session.add(Announcement(topic="effect", facts={}))


@pytest.fixture(autouse=True)
def noted(connection: Redis) -> Iterator[None]:
    jobs.install({"noted": [note]})
    yield
    jobs.install(SUBSCRIPTIONS)


def tell(tenant: Tenant) -> None:
    with acting_for(tenant.id), transaction():
        announce("noted")


def effects(tenant: Tenant) -> int:
    with acting_for(tenant.id):
        query = select(func.count(Announcement.id)).where(Announcement.topic == "effect")
        return db.session.scalars(query).one()


def test_a_due_job_reaches_the_worker_and_is_done(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield)
    assert relay.relay_once(connection) == 1
    work(app, connection)
    assert effects(greenfield) == 1
    assert due_jobs() == []


def test_a_wiped_valkey_loses_nothing(app: Flask, connection: Redis, greenfield: Tenant) -> None:
    tell(greenfield)
    relay.relay_once(connection)
    connection.flushall()
    assert relay.relay_once(connection) == 0, "offered a moment ago"

    make_due()
    assert relay.relay_once(connection) == 1
    work(app, connection)
    assert effects(greenfield) == 1


def test_two_offers_are_one_message_and_one_effect(
    app: Flask, connection: Redis, greenfield: Tenant
) -> None:
    tell(greenfield)
    relay.relay_once(connection)
    make_due()
    relay.relay_once(connection)
    assert len(relay.make_queue(connection)) == 1, "the first still stands in the line"
    work(app, connection)
    assert effects(greenfield) == 1


@pytest.mark.parametrize("name", ["os.system", "kernel.relay.perform"])
def test_a_message_from_someone_with_valkey_runs_nothing(
    app: Flask, connection: Redis, greenfield: Tenant, name: str
) -> None:
    tell(greenfield)
    row = due_jobs()[0]
    queue = Queue("mail", connection=connection, serializer=JSONSerializer)
    body = {"tenant": str(row.tenant_id), "job": str(row.id), "offer": "1", "mac": "0" * 64}
    queue.enqueue_call(name, kwargs=body)
    work(app, connection)
    assert effects(greenfield) == 0
    assert [due.id for due in due_jobs()] == [row.id]


def test_a_signed_message_cannot_be_turned_to_another_tenant() -> None:
    body = relay.write_message(Offer(new_id(), new_id(), 1))
    assert relay.read_message(relay.ENTRY, body)
    with pytest.raises(ForgedMessage):
        relay.read_message(relay.ENTRY, body | {"tenant": str(new_id())})
    with pytest.raises(ForgedMessage):
        relay.read_message(relay.ENTRY, body | {"offer": "2"})
    with pytest.raises(ForgedMessage):
        relay.read_message("os.system", body)


def test_the_relay_sees_ids_and_nothing_else(connection: Redis, greenfield: Tenant) -> None:
    tell(greenfield)
    with db.engines["relay"].connect() as relaying:
        for table in ("jobs", "announcements", "shop_profiles", "tenants"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                relaying.exec_driver_sql(f"SELECT * FROM {table}")
            relaying.rollback()
