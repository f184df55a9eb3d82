"""The clock: once per slot, only to who watches, at a cost that does not grow with the shops."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kernel import clock, cron, jobs
from kernel.cron import Periodic, tick
from kernel.db import db, new_id, transaction
from kernel.jobs import Job, JobState, job
from kernel.outbox import Announcement, keep_watch
from kernel.scope import PLATFORM_ID, acted_for, acting_for
from tenants.accounts.models import Tenant
from tests.jobs import all_due_jobs, make_due, run_due_jobs
from tests.statements import statements
from wsgi import PERIODIC, SUBSCRIPTIONS

HOUR = timedelta(hours=1)
TOLD = Periodic("noted", "* * * * *")
SWEPT = Periodic("noted", "* * * * *", in_batches=True)
PLATFORM = Periodic("noted", "* * * * *", platform=True)


@job(queue="sweep")
def note() -> None:
    db.session.add(Announcement(topic="effect", facts={}))


@pytest.fixture(autouse=True)
def noted(app: Flask) -> Iterator[None]:
    told = {"clock.struck": [cron.tell_shops], "clock.swept": [cron.sweep_shops]}
    jobs.install({"noted": [note], **told})
    yield
    jobs.install(SUBSCRIPTIONS)


def watch(*tenants: UUID) -> None:
    for tenant_id in tenants:
        with acting_for(tenant_id), transaction():
            keep_watch("noted", clock.now() + timedelta(days=3))


def effects(tenant_id: UUID) -> int:
    with acting_for(tenant_id):
        query = select(func.count(Announcement.id)).where(Announcement.topic == "effect")
        return db.session.scalars(query).one()


def sick(tenant_id: UUID) -> Iterator[None]:
    """Whatever is asked of one tenant's rows fails, as on a node that is down."""

    def refuse(*_args: object) -> None:
        if acted_for() == tenant_id:
            raise OperationalError("SELECT", {}, Exception("node is down"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    yield
    event.remove(db.engine, "before_cursor_execute", refuse)


@pytest.fixture
def sick_greenfield(greenfield: Tenant) -> Iterator[Tenant]:
    watch(greenfield.id)
    for _ in sick(greenfield.id):
        yield greenfield


@pytest.mark.parametrize("task", [TOLD, SWEPT], ids=["told", "swept"])
def test_a_slot_of_the_clock_reaches_every_shop_that_watches_once(
    app: Flask, greenfield: Tenant, hillside: Tenant, task: Periodic
) -> None:
    watch(greenfield.id)
    assert tick([task], clock.now() - HOUR) == 1
    assert tick([task], clock.now() - HOUR) == 0
    run_due_jobs(app)
    assert (effects(greenfield.id), effects(hillside.id)) == (1, 0)


def test_a_task_of_the_platform_is_done_for_the_platform_only(
    app: Flask, greenfield: Tenant
) -> None:
    watch(greenfield.id)
    tick([PLATFORM], clock.now() - HOUR)
    assert [row.tenant_id for row in all_due_jobs()] == [PLATFORM_ID]
    run_due_jobs(app)
    assert (effects(PLATFORM_ID), effects(greenfield.id)) == (1, 0)


@pytest.mark.parametrize("task", [TOLD, SWEPT], ids=["told", "swept"])
def test_a_shop_that_cannot_be_reached_is_asked_again_and_holds_nobody_up(
    app: Flask, sick_greenfield: Tenant, hillside: Tenant, task: Periodic
) -> None:
    watch(hillside.id)
    tick([task], clock.now() - HOUR)
    run_due_jobs(app)
    assert effects(hillside.id) == 1
    assert [row.tenant_id for row in all_due_jobs()] == [PLATFORM_ID], "the one that was missed"
    assert all_due_jobs()[0].due_at > clock.now() + timedelta(seconds=50)


def test_a_shop_that_was_missed_is_told_later_and_the_others_not_twice(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    watch(greenfield.id, hillside.id)
    for _ in sick(greenfield.id):
        tick([TOLD], clock.now() - HOUR)
        run_due_jobs(app)
    make_due()
    run_due_jobs(app)
    assert (effects(greenfield.id), effects(hillside.id)) == (1, 1)


def test_one_task_that_cannot_be_announced_does_not_stop_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    strike = cron._strike

    def struck(task: Periodic, slot: object) -> bool:
        if task is TOLD:
            raise OperationalError("INSERT", {}, Exception("down"))
        return strike(task, slot)  # type: ignore[arg-type]

    monkeypatch.setattr(cron, "_strike", struck)
    assert tick([TOLD, PLATFORM], clock.now() - HOUR) == 1


def test_a_tick_asks_as_much_of_one_shop_as_of_a_hundred(app: Flask, greenfield: Tenant) -> None:
    def cost() -> int:
        with statements() as seen:
            tick(PERIODIC, clock.now() - timedelta(hours=25))
        return len(seen)

    jobs.install(SUBSCRIPTIONS)
    watch_all(1)
    few = cost()
    with acting_for(PLATFORM_ID), transaction() as session:
        for row in session.scalars(select(cron.CronSlot)):
            session.delete(row)
    watch_all(100)
    assert cost() == few


def watch_all(count: int) -> None:
    with Session(db.engine) as session, session.begin():
        for _ in range(count):
            tenant = Tenant(id=new_id(), slug=f"shop-{new_id().hex}")
            session.add(tenant)
    shops = db.session.scalars(select(Tenant.id).where(Tenant.id != PLATFORM_ID)).all()
    for shop in shops:
        for task in PERIODIC:
            if not task.platform:
                with acting_for(shop), transaction():
                    keep_watch(task.topic, clock.now() + timedelta(days=1))


def test_a_slot_known_to_be_announced_asks_nothing(app: Flask) -> None:
    jobs.install(SUBSCRIPTIONS)
    struck: dict[str, object] = {}
    tick(PERIODIC, clock.now() - timedelta(hours=25), struck)  # type: ignore[arg-type]
    with statements() as seen:
        assert tick(PERIODIC, clock.now() - timedelta(hours=25), struck) == 0  # type: ignore[arg-type]
    assert seen == []


def test_a_platform_of_idle_shops_makes_almost_no_work(
    app: Flask, admin: psycopg.Connection
) -> None:
    jobs.install(SUBSCRIPTIONS)
    admin.execute(
        "INSERT INTO tenants (id, slug, state, created_at) SELECT gen_random_uuid(), 's' || n, "
        "'active', now() FROM generate_series(1, 10000) n"
    )
    tick(PERIODIC, clock.now() - timedelta(hours=25))  # every task there is, at once
    run_due_jobs(app)
    count = admin.execute("SELECT count(*) FROM jobs").fetchone()
    assert count is not None
    assert count[0] < 20


def test_more_shops_than_a_batch_are_all_told_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, admin: psycopg.Connection
) -> None:
    monkeypatch.setattr(cron, "BATCH", 3)
    shops = [new_id() for _ in range(7)]
    for shop in shops:
        admin.execute(
            "INSERT INTO tenants (id, slug, state, created_at) VALUES (%s, %s, 'active', now())",
            (shop, f"s{shop.hex}"),
        )
    watch(*shops)
    for task in (TOLD, SWEPT):
        tick([Periodic(task.topic, "* * * * *", in_batches=task.in_batches)], clock.now() - HOUR)
        with acting_for(PLATFORM_ID), transaction() as session:
            for row in session.scalars(select(cron.CronSlot)):
                session.delete(row)
    run_due_jobs(app)
    assert {effects(shop) for shop in shops} == {2}
    with acting_for(PLATFORM_ID):
        states = db.session.scalars(select(Job.state)).all()
    assert set(states) == {JobState.DONE}
