"""How often something may be tried. Counted in PostgreSQL: without the count there is no try."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from kernel import clock
from kernel.db import in_transaction, new_id, transaction
from kernel.errors import DomainError, TooMany
from kernel.vault import mac
from tenants.sessions.models import ThrottleCount


def spend(key: str, *, limit: int, minutes: int) -> None:
    """One more try for this key is counted. Refused after `limit` tries in a stretch of minutes.

    Call it before the try and outside transaction(): a refusal must not undo the count.
    """
    assert not in_transaction(), "a count must outlive the refusal"
    starts = _start_of_stretch(minutes)
    ends = starts + timedelta(minutes=minutes)
    row = insert(ThrottleCount).values(
        id=new_id(), key=_hashed(key), starts_at=starts, ends_at=ends, count=1
    )
    counted = row.on_conflict_do_update(
        index_elements=["key", "starts_at"], set_={"count": ThrottleCount.count + 1}
    )
    with transaction() as session:
        tries = session.scalars(counted.returning(ThrottleCount.count)).one()
    if tries > limit:
        raise TooMany(minutes=-(-(ends - clock.now()) // timedelta(minutes=1)))


@contextmanager
def counted(key: str, *, limit: int, minutes: int) -> Iterator[None]:
    """As spend(), for limits on what is done: what is refused inside does not count."""
    spend(key, limit=limit, minutes=minutes)
    try:
        yield
    except DomainError:
        _take_back(key, minutes)
        raise


def forgive(key: str) -> None:
    """Tries for this key count from zero again, as after a right password."""
    with transaction() as session:
        session.execute(delete(ThrottleCount).where(ThrottleCount.key == _hashed(key)))


def forget_old_counts() -> None:
    """Stretches of time that are over are gone from the table."""
    with transaction() as session:
        session.execute(delete(ThrottleCount).where(ThrottleCount.ends_at < clock.now()))


def _take_back(key: str, minutes: int) -> None:
    with transaction() as session:
        session.execute(
            update(ThrottleCount)
            .where(
                ThrottleCount.key == _hashed(key),
                ThrottleCount.starts_at == _start_of_stretch(minutes),
                ThrottleCount.count > 0,
            )
            .values(count=ThrottleCount.count - 1)
        )


def _hashed(key: str) -> str:
    # Keys hold addresses; the table holds none.
    return mac(key, purpose="throttle")


def _start_of_stretch(minutes: int) -> datetime:
    seconds = minutes * 60
    now = int(clock.now().timestamp())
    return datetime.fromtimestamp(now - now % seconds, UTC)
