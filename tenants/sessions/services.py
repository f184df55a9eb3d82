"""Sign-ins open, are used, and end. A token is 256 random bits; only its hash is kept."""

import hmac
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Delete, delete, select, update

from kernel import clock
from kernel.db import db, transaction
from kernel.outbox import keep_watch
from kernel.vault import hash_token, is_token, new_token
from tenants.sessions.errors import SessionNotFound
from tenants.sessions.models import Realm, ShopperSession, UserSession
from tenants.sessions.rules import LIFETIMES, PROOF_GOOD_FOR, SHOPPER, Lifetime

MAX_DEVICE = 200
MAX_ADDRESS = 45
NEVER_BACK = timedelta(days=1)
SWEPT_LATER = timedelta(days=30)  # the sweep must still come when all of it is over


def open_session(
    *,
    realm: Realm,
    subject_id: UUID,
    device: str,
    address: str,
    replaces: str = "",
    proof: str = "",
) -> str:
    """A new sign-in; returns its token. The sign-in whose token it replaces is over. With a proof,
    the browser that holds it has just proved who is there."""
    token = new_token()
    with transaction() as session:
        if is_token(replaces):
            session.execute(_with_token(realm, replaces))
        session.add(
            UserSession(
                realm=realm,
                subject_id=subject_id,
                token_hash=hash_token(token),
                device=device[:MAX_DEVICE],
                address=address[:MAX_ADDRESS],
                expires_at=clock.now() + LIFETIMES[realm].total,
                proof_hash=hash_token(proof) if proof else "",
                proved_at=clock.now() if proof else None,
            )
        )
    return token


def is_fresh(found: UserSession, proof: str) -> bool:
    """Whether this browser has proved within the last minutes who is there. The sign-in's own
    token is not enough: whoever stole it holds no proof."""
    if found.proved_at is None or not is_token(proof):
        return False
    same = hmac.compare_digest(found.proof_hash, hash_token(proof))
    return same and found.proved_at > clock.now() - PROOF_GOOD_FOR


def keep_proof(*, session_id: UUID, proof: str) -> None:
    """The browser that holds this proof has just proved who is there."""
    with transaction() as session:
        session.execute(
            update(UserSession)
            .where(UserSession.id == session_id)
            .values(proof_hash=hash_token(proof), proved_at=clock.now())
        )


def resume_session(*, realm: Realm, token: str) -> UserSession | None:
    """The sign-in that a token is for, and that it was used now; None for any other text."""
    if not is_token(token):
        return None
    query = select(UserSession).where(
        UserSession.token_hash == hash_token(token), UserSession.realm == realm
    )
    found = db.session.scalars(query).one_or_none()
    if found is None or _is_over(found, LIFETIMES[realm]):
        return None
    return found if _used_now(found, LIFETIMES[realm]) else None


def close_session(*, realm: Realm, token: str) -> None:
    """The sign-in with this token is over; an unknown token changes nothing."""
    if is_token(token):
        with transaction() as session:
            session.execute(_with_token(realm, token))


def close_one_session(*, realm: Realm, subject_id: UUID, session_id: UUID) -> None:
    """One of someone's own sign-ins is over. Refused: someone else's."""
    with transaction() as session:
        found = session.scalars(
            select(UserSession).where(
                UserSession.id == session_id,
                UserSession.realm == realm,
                UserSession.subject_id == subject_id,
            )
        ).one_or_none()
        if found is None:
            raise SessionNotFound
        session.delete(found)


def close_sessions(*, realm: Realm, subject_id: UUID, keep: UUID | None = None) -> None:
    """All of someone's sign-ins are over, except the one to keep."""
    with transaction() as session:
        session.execute(
            delete(UserSession).where(
                UserSession.realm == realm,
                UserSession.subject_id == subject_id,
                UserSession.id.is_distinct_from(keep),
            )
        )


def open_shopper_session() -> tuple[ShopperSession, str]:
    """A visitor of the shop acted for is known from now on; returns the session and its token."""
    token, now = new_token(), clock.now()
    with transaction() as session:
        opened = ShopperSession(
            token_hash=hash_token(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + SHOPPER.total,
        )
        session.add(opened)
        keep_watch("visitors.due", opened.expires_at + SWEPT_LATER)
    return opened, token


def resume_shopper_session(token: str) -> ShopperSession | None:
    """The visitor that a token is for, in the shop acted for only; None for any other text."""
    if not is_token(token):
        return None
    query = select(ShopperSession).where(ShopperSession.token_hash == hash_token(token))
    found = db.session.scalars(query).one_or_none()
    if found is None or _is_over(found, SHOPPER):
        return None
    return found if _used_now(found, SHOPPER) else None


def renew_shopper_session(*, session_id: UUID) -> str:
    """The same visitor under a new token, as after proving an address; the old one is worthless."""
    token = new_token()
    with transaction() as session:
        session.execute(
            update(ShopperSession)
            .where(ShopperSession.id == session_id)
            .values(token_hash=hash_token(token))
        )
    return token


def forget_old_sessions() -> None:
    """Sign-ins that have run out are gone from the table, unused ones too."""
    now = clock.now()
    with transaction() as session:
        session.execute(delete(UserSession).where(UserSession.expires_at < now))
        for realm, lifetime in LIFETIMES.items():
            unused = UserSession.last_seen_at < now - lifetime.idle
            session.execute(delete(UserSession).where(UserSession.realm == realm, unused))


def forget_old_shopper_sessions() -> None:
    """Visitors of the shop acted for who stayed away too long are gone from the table, and after a
    day those who never came back at all: a browser that keeps no cookie, or a machine."""
    now = clock.now()
    never_back = (ShopperSession.last_seen_at <= ShopperSession.created_at) & (
        ShopperSession.created_at < now - NEVER_BACK
    )
    with transaction() as session:
        session.execute(
            delete(ShopperSession).where(
                (ShopperSession.expires_at < now)
                | (ShopperSession.last_seen_at < now - SHOPPER.idle)
                | never_back
            )
        )


def _is_over(found: UserSession | ShopperSession, lifetime: Lifetime) -> bool:
    now = clock.now()
    return found.expires_at <= now or found.last_seen_at <= now - lifetime.idle


def _used_now(found: UserSession | ShopperSession, lifetime: Lifetime) -> bool:
    """Its use is noted now and then; False when it was ended elsewhere meanwhile."""
    now, kind = clock.now(), type(found)
    came_back_before = found.last_seen_at > found.created_at
    if came_back_before and found.last_seen_at >= now - lifetime.touch:
        return True
    noted = update(kind).where(kind.id == found.id).values(last_seen_at=now).returning(kind.id)
    with transaction() as session:
        return session.scalars(noted).one_or_none() is not None


def _with_token(realm: Realm, token: str) -> Delete:
    return delete(UserSession).where(
        UserSession.token_hash == hash_token(token), UserSession.realm == realm
    )
