"""Refusals about sign-ins."""

from kernel.errors import N_, NotFound


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = N_("That device is already signed out.")
