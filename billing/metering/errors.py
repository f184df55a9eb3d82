"""Refusals about usage."""

from kernel.errors import N_, Conflict, NotFound


class UsageConflict(Conflict):
    """The same business fact was told before with other contents; the first telling stands."""

    code = "usage_conflict"
    message = N_("This was recorded before with different contents. The first record stands.")


class RejectNotFound(NotFound):
    code = "reject_not_found"
    message = N_("We could not find that rejected usage.")
