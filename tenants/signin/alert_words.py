"""What alerts say: what was done, and what to do if it was not them."""

from kernel.errors import N_

WHAT = {
    "payments.own_key_saved": N_("The shop's own Stripe key was saved or replaced."),
    "payments.own_key_removed": N_("The shop's own Stripe key was removed."),
    "payments.account_opened": N_("A Stripe account was connected to the shop."),
    "payments.account_disconnected": N_("The shop's Stripe account was disconnected."),
    "payments.mode_chosen": N_("Online payments go another way from now on."),
    "payments.at_pickup_changed": N_("Payment at pick-up was switched on or off."),
    "person.invited": N_("Someone was invited to own the shop."),
    "person.joined": N_("The shop has a new owner."),
    "person.role_changed": N_("An owner was added, or is an owner no more."),
    "person.removed": N_("An owner was removed from the shop."),
    "person.factor_set_up": N_("A second step was switched on for signing in."),
    "person.factor_moved": N_("The second step was moved to another phone."),
    "person.factor_removed": N_("The second step for signing in was switched off."),
    "person.factor_reset": N_("The second step for signing in was reset by someone else."),
    "person.recovery_codes_renewed": N_("New recovery codes were made; the old ones do not work."),
    "person.recovery_code_used": N_("A recovery code was used to sign in."),
    "person.codes_guessed": N_(
        "Someone who knows your password has typed five wrong codes. They did not get in."
    ),
    "person.proofs_spent": N_(
        "On a device where you were signed in, the password or code was wrong too often when we "
        "asked for it again. That device is signed out."
    ),
    "person.password_changed": N_("Your password was changed."),
    "person.password_reset": N_("Your password was replaced by a link from a mail."),
    "person.sign_ins_ended": N_("Sheaf's staff have signed you out everywhere."),
    "shop.factor_required": N_("Everyone who works in the shop needs a second step from now on."),
    "shop.factor_optional": N_("A second step is no longer asked of everyone in the shop."),
    "shop.suspended": N_("The shop was suspended."),
    "shop.resumed": N_("The shop was opened again."),
    "shop.closed": N_("The shop was closed."),
    "staff.codes_guessed": N_(
        "Someone who knows your password has typed five wrong codes. They did not get in."
    ),
}
# What a person can do about their own way in; about all else, owners go to the shop's pages.
OWN = ("person.factor_", "person.recovery_", "person.codes_", "person.proofs_", "person.password_",
       "person.sign_ins_")  # fmt: skip
