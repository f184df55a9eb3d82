"""Who of the processes behind the pages is alive: each says so now and then, in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel import clock
from kernel.db import Base, db, new_id

BEAT_SECONDS = 10.0


class Process(StrEnum):
    """The kinds of process that must run somewhere."""

    WORKER = "worker"
    RELAY = "relay"
    CRON = "cron"


class Heartbeat(Base):
    """When any process of a kind was last seen, by the database's clock."""

    __tablename__ = "heartbeats"

    kind: Mapped[str] = mapped_column(unique=True)
    beat_at: Mapped[datetime]


@contextmanager
def relaying() -> Iterator[Session]:
    """A session of the role that sees which jobs are due for all tenants, and nothing of them."""
    with Session(db.engines["relay"], info={"reads_across_tenants": True}) as session:
        yield session


def beat(session: Session, kind: Process) -> None:
    """A process of this kind is alive now."""
    row = insert(Heartbeat).values(id=new_id(), kind=kind.value, beat_at=clock.database_now())
    session.execute(
        row.on_conflict_do_update(index_elements=["kind"], set_={"beat_at": row.excluded.beat_at})
    )
