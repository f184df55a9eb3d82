"""Refusals about people and their rights."""

from kernel.errors import N_, NotFound, Refused


class PersonNotFound(NotFound):
    code = "person_not_found"


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = N_("This person does not work in this shop any more.")


class PasswordTooShort(Refused):
    code = "password_too_short"
    message = N_("Use at least {least} characters. A few words in a row are fine.")
    field = "password"


class PasswordTooLong(Refused):
    code = "password_too_long"
    message = N_("Use at most {most} characters.")
    field = "password"


class PasswordTooCommon(Refused):
    code = "password_too_common"
    message = N_("This password is among the first that strangers try. Choose another one.")
    field = "password"


class PasswordIsAboutYou(Refused):
    code = "password_is_about_you"
    message = N_(
        "This password is easy to guess from your name, e-mail or shop. Choose another one."
    )
    field = "password"
