"""Refusals on the way to one's own orders."""

from kernel.errors import N_, NotFound, Refused


class CodeDoesNotFit(Refused):
    code = "code_does_not_fit"
    field = "code"
    message = N_("This code does not fit. Check the mail, or ask for a new code.")


class DeviceNotFound(NotFound):
    code = "device_not_found"
    message = N_("That device is already signed out.")
