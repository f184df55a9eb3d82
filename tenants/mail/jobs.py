"""Delivery. A mail can arrive twice when a worker dies at the wrong moment; its id tells."""

from uuid import UUID

from flask_mailman import EmailMultiAlternatives

from kernel import clock
from kernel.db import assert_no_transaction, transaction
from kernel.jobs import complete_job, job, network_job
from kernel.settings import settings
from tenants.mail.models import Mail, MailState
from tenants.mail.queries import get_mail
from tenants.mail.rules import message_id, sender
from tenants.mail.services import forget_old_mails


@network_job
def deliver_mail(*, mail_id: UUID) -> None:
    """The mail is with the mail server and marked sent; one that was sent, or whose text was
    forgotten meanwhile, is left alone."""
    mail = get_mail(mail_id)
    if mail.waits:
        assert_no_transaction()
        write_message(mail).send()
    with transaction():
        mail = get_mail(mail_id, lock=True)
        if mail.waits:
            mail.state, mail.sent_at = MailState.SENT, clock.now()
            if mail.secret:
                mail.html = mail.text = ""
        complete_job()


def write_message(mail: Mail) -> EmailMultiAlternatives:
    """The message as it leaves: text first, HTML beside it."""
    address = mail.from_address or settings().mail_from
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=sender(mail.from_name, address),
        to=[mail.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": message_id(mail.id, address), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    return message


@job(queue="sweep")
def forget_mails() -> None:
    """Old mails of the shop acted for say no more, and later are gone."""
    forget_old_mails()
