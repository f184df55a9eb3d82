"""Refusals about people and their rights."""

from kernel.errors import N_, Conflict, NotFound, Refused, TooMany


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


class LastOwner(Conflict):
    code = "last_owner"
    message = N_("A shop needs an owner. Make someone else an owner first.")


class AlreadyMember(Conflict):
    code = "already_member"
    message = N_("This person already works in this shop.")


class InvitationIsOver(NotFound):
    code = "invitation_is_over"
    message = N_(
        "This invitation was used, taken back, or is older than a week. Ask for a new one."
    )


class InvitationIsForAnother(Refused):
    code = "invitation_is_for_another"
    message = N_("This invitation is for another e-mail address. Sign in with that one.")


class SignUpIsOver(NotFound):
    code = "sign_up_is_over"
    message = N_("This page has done its work or is older than an hour. Please start again.")


class CodeDoesNotFit(Refused):
    code = "code_does_not_fit"
    message = N_("This code does not fit. Check the newest mail. Tries left: {left}.")
    field = "code"


class CodeIsSpent(Refused):
    code = "code_is_spent"
    message = N_("This code was tried too often and works no more. Ask for a new one.")
    field = "code"


class AskedTooOften(Refused):
    code = "asked_too_often"
    message = N_("Three codes were sent already. Look into your spam folder, or start again.")


class WrongSignIn(Refused):
    """One sentence for every way of failing, so that nothing can be learned from it."""

    code = "wrong_sign_in"
    message = N_("E-mail or password is wrong.")


class WrongPassword(Refused):
    code = "wrong_password"
    message = N_("This is not your present password.")
    field = "current"


class InvitedTooOften(TooMany):
    code = "invited_too_often"
    message = N_(
        "This address has had several invitations today. Leave it empty and send the link."
    )
    field = "email"


class ManyWrongPasswords(TooMany):
    """Also when nobody has the address, so that it tells nothing."""

    code = "many_wrong_passwords"
    message = N_(
        "Many wrong passwords were tried for this address. The right one still signs you in; or "
        "have a link sent to you by mail with “Forgotten password”."
    )


class ResetIsOver(NotFound):
    code = "reset_is_over"
    message = N_("This link was used, or is older than half an hour. Ask for a new one.")


class NeedsName(Refused):
    code = "needs_name"
    message = N_("Enter a name of at most 80 characters; your colleagues will see it.")
    field = "name"
