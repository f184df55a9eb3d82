"""Jobs: claimed by lease, marked in the transaction of their effect, never doubled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from kernel import clock, jobs
from kernel.db import db, transaction
from kernel.errors import DomainError
from kernel.jobs import Job, JobState, LeaseLost, complete_job, job, network_job
from kernel.outbox import Announcement, announce
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.jobs import all_due_jobs, due_jobs, run_due_jobs
from wsgi import SUBSCRIPTIONS

seen: list[UUID] = []


class Broken(DomainError):
    """What a handler raises in these tests."""


@job
def note(*, order_id: UUID) -> None:
    db.session.add(Announcement(topic="effect", facts={"order_id": str(order_id)}))


@job
def fail(*, order_id: UUID) -> None:
    db.session.add(Announcement(topic="effect", facts={"order_id": str(order_id)}))
    raise Broken


@network_job
def call_out(*, order_id: UUID) -> None:
    seen.append(order_id)
    with transaction() as session:
        session.add(Announcement(topic="effect", facts={}))
        complete_job()


@pytest.fixture(autouse=True)
def subscriptions() -> Iterator[None]:
    seen.clear()
    jobs.install({"noted": [note], "failing": [fail], "calling": [call_out]})
    yield
    jobs.install(SUBSCRIPTIONS)


def tell(tenant: Tenant, topic: str) -> None:
    with acting_for(tenant.id), transaction():
        announce(topic, order_id=tenant.id)


def announce_and_break(tenant: Tenant) -> None:
    with transaction():
        announce("noted", order_id=tenant.id)
        raise Broken


def effects(tenant: Tenant) -> int:
    with acting_for(tenant.id):
        query = select(func.count(Announcement.id)).where(Announcement.topic == "effect")
        return db.session.scalars(query).one()


def late_effect(tenant: Tenant) -> None:
    with transaction():
        note(order_id=tenant.id)
        complete_job()


def only_job(tenant: Tenant) -> Job:
    with acting_for(tenant.id):
        return db.session.scalars(select(Job)).one()


def test_a_change_and_its_announcement_commit_together(app: Flask, greenfield: Tenant) -> None:
    with acting_for(greenfield.id), pytest.raises(Broken):
        announce_and_break(greenfield)
    assert due_jobs() == []


def test_an_announcement_outside_a_transaction_is_refused(greenfield: Tenant) -> None:
    with acting_for(greenfield.id), pytest.raises(AssertionError, match="only inside"):
        announce("noted", order_id=greenfield.id)


def test_a_job_is_done_once_however_often_it_is_offered(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, "noted")
    row = due_jobs()[0]

    assert run_due_jobs(app) == 1
    assert jobs.run(tenant_id=row.tenant_id, job_id=row.id) is False

    assert effects(greenfield) == 1
    assert only_job(greenfield).state is JobState.DONE


def test_a_job_of_a_neighbour_cannot_be_run_for_us(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    tell(greenfield, "noted")
    assert jobs.run(tenant_id=hillside.id, job_id=due_jobs()[0].id) is False
    assert effects(greenfield) == effects(hillside) == 0


def test_a_failed_job_leaves_no_effect_waits_and_dies(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, "failing")
    row = due_jobs()[0]
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(jobs.MAX_ATTEMPTS):
            with pytest.raises(Broken):
                jobs.run(tenant_id=greenfield.id, job_id=row.id)
            jobs.record_failure(tenant_id=greenfield.id, job_id=row.id, error="Broken")
            traveller.shift(timedelta(hours=8))
    assert effects(greenfield) == 0
    assert only_job(greenfield).state is JobState.DEAD
    assert due_jobs() == []

    with acting_for(greenfield.id):
        jobs.retry_job(job_id=row.id)
    assert [due.id for due in due_jobs()] == [row.id]


def test_a_claimed_job_is_left_alone_until_its_lease_ends(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, "noted")
    row = due_jobs()[0]
    with acting_for(greenfield.id):
        assert jobs._claim(row.id) is not None
    assert due_jobs() == []
    assert jobs.run(tenant_id=greenfield.id, job_id=row.id) is False

    with time_machine.travel(clock.now() + jobs.LEASE + timedelta(seconds=1)):
        assert jobs.run(tenant_id=greenfield.id, job_id=row.id) is True
    assert effects(greenfield) == 1


def test_a_worker_that_lost_its_lease_leaves_no_effect(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, "noted")
    row = due_jobs()[0]

    with acting_for(greenfield.id):
        claimed = jobs._claim(row.id)
    assert claimed is not None
    with time_machine.travel(clock.now() + 2 * jobs.LEASE):
        run_due_jobs(app)
    with acting_for(greenfield.id), jobs._as_running(claimed), pytest.raises(LeaseLost):
        late_effect(greenfield)
    assert effects(greenfield) == 1


def test_a_network_job_must_say_that_it_is_done(app: Flask, greenfield: Tenant) -> None:
    tell(greenfield, "calling")
    assert run_due_jobs(app) == 1
    assert seen == [greenfield.id]
    assert only_job(greenfield).state is JobState.DONE


def test_a_job_that_kills_every_worker_rests_longer_each_time_and_is_given_up(
    app: Flask, greenfield: Tenant
) -> None:
    tell(greenfield, "noted")
    row = due_jobs()[0]
    claims, waits = 0, []
    with time_machine.travel(clock.now(), tick=False) as traveller, acting_for(greenfield.id):
        while all_due_jobs():
            claims += jobs._claim(row.id) is not None
            waits += [(due.due_at - clock.now()).total_seconds() for due in all_due_jobs()]
            traveller.move_to(max([d.due_at for d in all_due_jobs()], default=clock.now()))
            traveller.shift(timedelta(seconds=1))
    assert claims == jobs.MAX_ATTEMPTS
    assert waits[:2] == [jobs.LEASE.total_seconds()] * 2, "once is bad luck"
    assert max(waits) >= 6 * 3600
    assert (only_job(greenfield).state, only_job(greenfield).last_error) == (
        JobState.DEAD,
        "WorkerLost",
    )
    assert all_due_jobs() == []


def test_a_job_outlives_a_weekend_without_the_network() -> None:
    waits = [jobs.BACKOFF[min(n, len(jobs.BACKOFF) - 1)] for n in range(jobs.MAX_ATTEMPTS - 1)]

    assert timedelta(days=2) < timedelta(seconds=sum(waits)) < timedelta(days=3)


def test_an_announcement_can_wait_for_its_time(app: Flask, greenfield: Tenant) -> None:
    later = datetime.now(UTC) + timedelta(minutes=35)
    with acting_for(greenfield.id), transaction():
        announce("noted", due_at=later, order_id=greenfield.id)
    assert run_due_jobs(app) == 0
    with time_machine.travel(later + timedelta(seconds=1)):
        assert run_due_jobs(app) == 1
