"""Refusals of names."""

from kernel.errors import N_, Conflict, Refused


class NameIsThePlatforms(Refused):
    code = "name_is_the_platforms"
    message = N_("This name would be taken for Sheaf itself. Choose another one.")
    field = "name"


class NameTaken(Conflict):
    code = "name_taken"
    message = N_(
        "Another shop has this name, or one that looks like it. Add your place or village."
    )
    field = "name"
