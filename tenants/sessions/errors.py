"""Refusals about sign-ins."""

from kernel.errors import N_, NotFound, TooMany


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = N_("That device is already signed out.")


class MailboxIsFull(TooMany):
    code = "mailbox_is_full"
    message = N_(
        "Several mails have gone to this address already. Use the newest one, look into your spam "
        "folder, or try again in {minutes} minutes."
    )
    field = "email"
