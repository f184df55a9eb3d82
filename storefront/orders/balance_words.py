"""What is true of an order's money, in sentences: for the shopper, and for the shop's people."""

from collections.abc import Mapping

from flask_babel import gettext

from kernel.errors import N_
from kernel.i18n import money_text
from storefront.orders.balance import Balance, Said, what_to_say

TO_SHOPPER: Mapping[Said, str] = {
    Said.NOTHING_CHARGED: N_("Nothing was charged."),
    Said.UNKNOWN: N_(
        "We cannot see yet whether your payment of {amount} has arrived. You need not pay again; "
        "we write to you as soon as we know."
    ),
    Said.UNDER_WAY: N_(
        "Your payment of {amount} is under way and has not arrived yet. You need not pay again; "
        "we write to you as soon as it is here."
    ),
    Said.DISPUTED: N_("You have asked your bank for {amount} back. Your bank decides about it."),
    Said.GOING_BACK: N_(
        "{amount} is on its way back to you. Your bank may need up to ten days to show it."
    ),
    Said.TO_HAND_BACK: N_("The shop still has to hand {amount} back to you."),
    Said.BACK_UNKNOWN: N_(
        "We have asked for {amount} to be paid back to you and do not know yet whether that "
        "worked. We keep asking."
    ),
    Said.BACK_FAILED: N_(
        "Paying {amount} back to you did not work. The shop knows, and has to settle it with you."
    ),
    Said.GONE_BACK: N_(
        "{amount} was paid back the way you paid. Your bank may need up to ten days to show it."
    ),
    Said.HANDED_BACK: N_("{amount} was handed back to you."),
    Said.SETTLED: N_("The shop has noted that it settled {amount} with you in another way."),
}
# The same of an order that is over: what still arrives is not kept.
AFTER_THE_END: Mapping[Said, str] = {
    Said.UNKNOWN: N_(
        "We cannot see yet whether your payment of {amount} has arrived. If it has, "
        "it goes back to you, and we write to you."
    ),
    Said.CLOSING: N_(
        "The page for paying is being closed. If you have paid {amount} there, "
        "it goes back to you, and we write to you."
    ),
    Said.UNDER_WAY: N_(
        "Your payment of {amount} is under way and has not arrived yet. When it does, "
        "it goes back to you, and we write to you."
    ),
    Said.KEPT: N_("{amount} that you paid has not been paid back. Please ask the shop about it."),
}
TO_SHOP: Mapping[Said, str] = {
    Said.UNKNOWN: N_(
        "Nobody can see yet whether {amount} was paid. Sheaf keeps asking Stripe; "
        "pay nothing back before it is clear."
    ),
    Said.CLOSING: N_("The page for paying is being closed. Until then {amount} can still arrive."),
    Said.UNDER_WAY: N_("{amount} is under way from the shopper's bank and has not arrived yet."),
    Said.KEPT: N_("{amount} was paid and has not been paid back."),
    Said.TO_HAND_BACK: N_("{amount} still has to be handed back to the shopper."),
    Said.BACK_UNKNOWN: N_(
        "Nobody can see yet whether {amount} is on its way back. Sheaf keeps asking Stripe; "
        "do not pay it back a second time."
    ),
    Said.BACK_FAILED: N_("{amount} could not be paid back to the shopper."),
}


def words_for_shopper(balance: Balance, *, ended: bool) -> list[str]:
    """All that is true of the money now, one sentence each, to whoever ordered."""
    words = {**TO_SHOPPER, **AFTER_THE_END} if ended else TO_SHOPPER
    return _sentences(balance, words, ended=ended)


def words_for_shop(balance: Balance, *, ended: bool) -> list[str]:
    """What the shop's people must know of the money beyond what was paid and paid back."""
    return _sentences(balance, TO_SHOP, ended=ended)


def _sentences(balance: Balance, words: Mapping[Said, str], *, ended: bool) -> list[str]:
    return [
        str(gettext(words[said])).format(amount=money_text(amount))
        for said, amount in what_to_say(balance, ended=ended)
        if said in words
    ]
