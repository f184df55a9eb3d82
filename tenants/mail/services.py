"""Posting mails. They leave after the commit, from a job, at least once."""

from datetime import timedelta
from typing import TypedDict, Unpack
from uuid import UUID

import css_inline
from sqlalchemy import delete, select, update

from kernel import clock
from kernel.db import in_transaction, transaction
from kernel.jobs import Queue
from kernel.outbox import announce, keep_watch
from tenants.mail.models import Mail
from tenants.mail.rules import one_line

TEXTS_KEPT = timedelta(days=30)  # so that a merchant can see, and send again, what was written
MAILS_KEPT = timedelta(days=365)
AT_ONCE = 5000


class Envelope(TypedDict, total=False):
    """What a mail may carry besides its text. `reference` is an id of what it is about; the text
    of a `secret` mail, such as a code, is not kept once it was sent."""

    reference: str
    from_name: str
    from_address: str
    reply_to: str
    secret: bool


def post_mail(
    *, to: str, subject: str, html: str, text: str, kind: str, **envelope: Unpack[Envelope]
) -> UUID:
    """The mail leaves if this transaction commits. Its styles are put on the elements here."""
    assert in_transaction(), "post a mail together with what it tells"
    with transaction() as session:
        mail = Mail(
            recipient=to,
            subject=one_line(subject),
            html=css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False),
            text=text,
            kind=kind,
            reference=envelope.get("reference", ""),
            from_name=one_line(envelope.get("from_name", "")),
            from_address=one_line(envelope.get("from_address", "")),
            reply_to=one_line(envelope.get("reply_to", "")),
            secret=envelope.get("secret", False),
        )
        session.add(mail)
        announce("mail.posted", queue=Queue.URGENT if mail.secret else None, mail_id=mail.id)
        keep_watch("retention.due", clock.now() + MAILS_KEPT)
    return mail.id


def forget_old_mails() -> None:
    """Of the shop acted for: texts are gone a month after the mail was written, also of one that
    could not be delivered, and the mail with its recipient after a year."""
    now = clock.now()
    worded = (Mail.created_at < now - TEXTS_KEPT, Mail.html != "")
    over = (Mail.created_at < now - MAILS_KEPT,)
    with transaction() as session:
        old = session.scalars(select(Mail.id).where(*over).limit(AT_ONCE)).all()
        session.execute(delete(Mail).where(Mail.id.in_(old), *over))
        texts = session.scalars(select(Mail.id).where(*worded).limit(AT_ONCE)).all()
        session.execute(update(Mail).where(Mail.id.in_(texts)).values(html="", text=""))
