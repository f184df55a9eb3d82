"""A shop is told by the clock only while it keeps a watch; one shop never sees another's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock, jobs
from kernel.db import db, transaction
from kernel.jobs import job
from kernel.outbox import Watch, keep_watch
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.statements import statements
from wsgi import SUBSCRIPTIONS


@job(queue="sweep")
def sweep() -> None:
    """Nothing."""


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    jobs.install({"sweep.due": [sweep]})
    yield
    jobs.install(SUBSCRIPTIONS)


def watch(tenant: Tenant, until: datetime) -> None:
    with acting_for(tenant.id), transaction():
        keep_watch("sweep.due", until)


def seen_by(tenant: Tenant) -> list[datetime]:
    with acting_for(tenant.id):
        return list(db.session.scalars(select(Watch.until)))


def test_a_watch_lasts_as_long_as_the_longest_asked_for(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    week, month = (clock.now() + timedelta(days=days) for days in (7, 30))
    watch(greenfield, month)
    watch(greenfield, week)
    watch(hillside, week)
    assert month <= seen_by(greenfield)[0] <= month + timedelta(days=1)
    assert week <= seen_by(hillside)[0] <= week + timedelta(days=1)


def test_a_busy_shop_does_not_write_its_watch_with_every_sale(
    app: Flask, greenfield: Tenant
) -> None:
    watch(greenfield, clock.now() + timedelta(days=30))
    with statements() as seen:
        watch(greenfield, clock.now() + timedelta(days=30))
    assert not [line for line in seen if "INSERT" in line or "UPDATE" in line]


def test_a_watch_for_an_unknown_topic_or_without_a_transaction_is_refused(
    app: Flask, greenfield: Tenant
) -> None:
    with acting_for(greenfield.id):
        with pytest.raises(AssertionError, match="only inside"):
            keep_watch("sweep.due", clock.now())
        with pytest.raises(AssertionError, match=r"SUBSCRIPTIONS"), transaction():
            keep_watch("unheard.of", clock.now())


def test_the_clock_reads_all_watches_and_changes_none(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    for tenant in (greenfield, hillside):
        watch(tenant, clock.now())
    with Session(db.engines["relay"], info={"reads_across_tenants": True}) as session:
        assert set(session.scalars(select(Watch.tenant_id))) == {greenfield.id, hillside.id}
