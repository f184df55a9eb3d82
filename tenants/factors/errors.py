"""Refusals about second factors and proofs."""

from kernel.errors import N_, Conflict, NotFound, Refused


class WrongCode(Refused):
    """One sentence for every way of failing: wrong, used before, too old, or guessed too often."""

    code = "wrong_code"
    message = N_(
        "This code does not fit. Each code works once: wait for the next one, or use a recovery "
        "code."
    )
    field = "code"


class TooManyCodes(Refused):
    code = "too_many_codes"
    message = N_(
        "Too many wrong codes. Use a recovery code, choose a new password by mail, or try again "
        "tomorrow."
    )
    field = "code"


class SignInIsOver(NotFound):
    code = "sign_in_is_over"
    message = N_("This took too long or was tried too often. Enter your password again.")


class NothingToConfirm(Conflict):
    code = "nothing_to_confirm"
    message = N_("This set-up is over. Begin again.")


class NoFactor(Conflict):
    code = "no_factor"
    message = N_("No second step is switched on.")


class FactorIsRequired(Conflict):
    code = "factor_is_required"
    message = N_("{shop} asks for it. You can move it to another phone instead.")


class WorksElsewhere(Conflict):
    code = "works_elsewhere"
    message = N_("This person also works in other shops, so only Sheaf's support can reset it.")


class NotYourOwn(Conflict):
    code = "not_your_own"
    message = N_("For yourself, use the page of your account.")


class WrongProof(Refused):
    code = "wrong_proof"
    message = N_("That is not right. After five wrong tries you are signed out.")
    field = "proof"


class ProofsSpent(Refused):
    code = "proofs_spent"
    message = N_("Too many wrong tries. You are signed out; sign in again.")
