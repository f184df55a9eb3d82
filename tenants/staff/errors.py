"""Refusals about staff and their signing in."""

from kernel.errors import N_, Conflict, NotFound, Refused


class WrongSignIn(Refused):
    """One sentence for every way of failing, so that nothing can be learned from it."""

    code = "wrong_sign_in"
    message = N_("E-mail, password or code is wrong. A code works once; wait for the next one.")


class StaffNotFound(NotFound):
    code = "staff_not_found"


class StaffExists(Conflict):
    code = "staff_exists"
    message = N_("Someone with this e-mail is staff already.")
