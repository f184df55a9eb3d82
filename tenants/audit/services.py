"""Writing down who did what. Entries join the chain as the last thing before the commit.

Last, because the chain's head is one row per tenant: locked earlier, it would be held while the
change still waits for other rows, and two changes could wait for each other for ever.
"""

import secrets

from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction

from kernel import clock
from kernel.db import db, for_update, in_transaction, new_id
from kernel.scope import current_tenant_id
from tenants.audit.actors import current_actor
from tenants.audit.models import AuditEntry, AuditHead
from tenants.audit.rules import BEGINNING, Act, Fact, chain, write_body

WAITING = "audit_waiting"


def record(*, action: str, subject: str = "", reason: str = "", **facts: Fact) -> None:
    """This transaction, if it commits, leaves an entry for the shop acted for; the actor is the
    one of acting_as(). `subject` is an id; facts are ids, words and numbers, never personal."""
    assert in_transaction(), "record only inside transaction()"
    act = Act(clock.now(), action, subject, reason.strip(), facts, current_actor())
    session = db.session()
    assert not session.in_nested_transaction(), "what a savepoint undoes was never done"
    if not session.in_transaction():
        session.begin()  # so that a rollback has something to end, and what waits goes with it
    session.info.setdefault(WAITING, []).append(act)


@event.listens_for(Session, "before_commit")
def _write_what_waits(session: Session) -> None:
    if session.in_nested_transaction():
        return
    waiting: list[Act] = session.info.pop(WAITING, [])
    if not waiting:
        return
    session.flush()
    head = _lock_head(session)
    for act in waiting:
        entry = _entry(act, head)
        session.add(entry)
        head.number, head.hash = entry.number, entry.hash


@event.listens_for(Session, "after_transaction_end")
def _forget_what_was_undone(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(WAITING, None)


def _lock_head(session: Session) -> AuditHead:
    session.execute(
        insert(AuditHead)
        .values(
            id=new_id(), tenant_id=current_tenant_id(), number=0, hash=BEGINNING,
            changed_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id"])
    )  # fmt: skip
    return session.scalars(for_update(select(AuditHead))).one()


def _entry(act: Act, head: AuditHead) -> AuditEntry:
    salt = secrets.token_hex(16)
    number = head.number + 1
    body = write_body(act, tenant_id=current_tenant_id(), number=number, salt=salt)
    return AuditEntry(
        number=number,
        at=act.at,
        action=act.action,
        subject=act.subject,
        actor_kind=act.actor.kind.value,
        actor_id=act.actor.id,
        actor_name=act.actor.name,
        salt=salt,
        body=body,
        previous=head.hash,
        hash=chain(head.hash, body),
    )
