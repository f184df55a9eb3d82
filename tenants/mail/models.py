"""Mails, kept with what was in them for a month, and that they were sent for a year."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from kernel import clock
from kernel.db import Base
from kernel.scope import TenantOwned


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"


class Mail(TenantOwned, Base):
    """One mail to one address. Its Message-ID never changes, so a second delivery can be told.

    `reference` names what the mail is about; `secret` mails lose their text once they are sent.
    `from_address` is the shop's own, or empty in mails of Sheaf itself.
    """

    __tablename__ = "mails"
    __table_args__ = (Index(None, "tenant_id", "reference"),)

    recipient: Mapped[str]
    subject: Mapped[str]
    html: Mapped[str]
    text: Mapped[str]
    kind: Mapped[str]
    reference: Mapped[str]
    from_name: Mapped[str]
    from_address: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str]
    secret: Mapped[bool]
    state: Mapped[MailState] = mapped_column(default=MailState.QUEUED)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]

    @property
    def waits(self) -> bool:
        """Whether it is still to be sent: there is something in it, and it has not left."""
        return self.state is MailState.QUEUED and bool(self.html)
