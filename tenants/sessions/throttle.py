"""How often something may be tried. Counted in PostgreSQL: without the count there is no try.

The place is counted before the person. A place over its limit spends nothing of anybody else's
and makes no row; what strangers have filled under somebody's name never keeps out that person's
right secret, known device or mail. Nothing is refused because of what the whole platform does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from kernel import clock
from kernel.db import db, in_transaction, new_id, transaction
from kernel.errors import DomainError, TooMany
from kernel.log import log
from kernel.vault import mac
from tenants.sessions.errors import MailboxIsFull
from tenants.sessions.models import ThrottleCount

# An IPv6 host has a network of 64 bits to itself, and whoever hires a machine often one of 48.
HOUSEHOLD, SITE = 64, 48
HOUSEHOLDS_OF_A_SITE = 8
MAILBOX, FROM_ONE_PLACE = 10, 5  # mails an hour


def spend(key: str, *, limit: int, minutes: int) -> None:
    """One more try for this key is counted. Refused after `limit` tries in a stretch of minutes.

    Call it before the try and outside transaction(): a refusal must not undo the count. A key
    begins with the count's name; the first refusal of a stretch is logged with it.
    """
    tries = _count(key, minutes)
    if tries == limit + 1:
        log.warning("count_full", count=key.partition("|")[0], key=_hashed(key)[:12])
    if tries > limit:
        raise TooMany(minutes=_minutes_left(minutes))


def spend_from(name: str, address: str | None, *, limit: int, minutes: int) -> None:
    """One more try from this place. Refused also when the wider network has used what eight
    households may."""
    spend(f"{name}|{place_of(address)}", limit=limit, minutes=minutes)
    site = place_of(address, household=SITE)
    if site != place_of(address):
        spend(f"{name}|{site}", limit=limit * HOUSEHOLDS_OF_A_SITE, minutes=minutes)


def spend_mailbox(name: str, mailbox: str, address: str | None) -> None:
    """One more mail to an address that anybody may type in. Refused: the sixth in an hour from
    one place, and the second once the mailbox had ten; so strangers fill no mailbox, and whoever
    owns it is sent one all the same."""
    here = f"{name}|{mailbox}|{place_of(address)}"
    in_all = _count(f"{name}|{mailbox}", 60)
    try:
        spend(here, limit=FROM_ONE_PLACE if in_all <= MAILBOX else 1, minutes=60)
    except TooMany as error:
        raise MailboxIsFull(minutes=_minutes_left(60)) from error


@contextmanager
def wrong_tries(key: str, *, limit: int, minutes: int) -> Iterator[None]:
    """What is refused inside is counted, and nothing is tried any more after `limit` of that."""
    if _counted(key, minutes) >= limit:
        raise TooMany(minutes=_minutes_left(minutes))
    try:
        yield
    except DomainError:
        _count(key, minutes)
        raise


def note_volume(name: str, *, usual: int, minutes: int) -> None:
    """What the whole platform does is watched, and never a reason to refuse somebody."""
    if _count(name, minutes) == usual + 1:
        log.warning("volume_unusual", count=name, usual=usual, minutes=minutes)


def place_of(address: str | None, *, household: int = HOUSEHOLD) -> str:
    """Where somebody is, as far as one household goes: a host's IPv4 address, or the network of 64
    bits of an IPv6 one, of which one host may have as many addresses as it likes."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    bits = household if isinstance(found, IPv6Address) else found.max_prefixlen
    return str(ip_network((found, bits), strict=False))


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


def _count(key: str, minutes: int) -> int:
    assert not in_transaction(), "a count must outlive the refusal"
    starts = _start_of_stretch(minutes)
    row = insert(ThrottleCount).values(
        id=new_id(),
        key=_hashed(key),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        count=1,
    )
    counted = row.on_conflict_do_update(
        index_elements=["key", "starts_at"], set_={"count": ThrottleCount.count + 1}
    )
    with transaction() as session:
        return session.scalars(counted.returning(ThrottleCount.count)).one()


def _counted(key: str, minutes: int) -> int:
    query = select(ThrottleCount.count).where(
        ThrottleCount.key == _hashed(key), ThrottleCount.starts_at == _start_of_stretch(minutes)
    )
    return db.session.scalars(query).one_or_none() or 0


def _minutes_left(minutes: int) -> int:
    ends = _start_of_stretch(minutes) + timedelta(minutes=minutes)
    return -(-(ends - clock.now()) // timedelta(minutes=1))


def _hashed(key: str) -> str:
    # Keys hold addresses; the table holds none.
    return mac(key, purpose="throttle")


def _start_of_stretch(minutes: int) -> datetime:
    seconds = minutes * 60
    now = int(clock.now().timestamp())
    return datetime.fromtimestamp(now - now % seconds, UTC)
