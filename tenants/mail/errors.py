"""Refusals about mails."""

from kernel.errors import NotFound


class MailNotFound(NotFound):
    code = "mail_not_found"
