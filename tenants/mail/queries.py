"""Reading mails."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import db, for_update
from tenants.mail.errors import MailNotFound
from tenants.mail.models import Mail


def get_mail(mail_id: UUID, *, lock: bool = False) -> Mail:
    """A mail of the shop acted for, or MailNotFound."""
    query = select(Mail).where(Mail.id == mail_id)
    mail = db.session.scalars(for_update(query) if lock else query).one_or_none()
    if mail is None:
        raise MailNotFound
    return mail


def list_mails_about(reference: str) -> list[Mail]:
    """The mails about one thing of the shop acted for, oldest first."""
    query = select(Mail).where(Mail.reference == reference).order_by(Mail.id)
    return list(db.session.scalars(query))
