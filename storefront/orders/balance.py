"""How an order stands with money, and what may therefore be said. Pure; every sentence about an
order's money, in a mail or on any page, comes from here (finding M3).

A sentence is allowed only by what has really happened, never by what somebody meant to do, and
never by one number alone. Where nobody can know yet, that is what is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from billing.connections.models import PaymentMethod
from billing.payments.models import Payment, PaymentState
from billing.refunds.models import Refund, RefundState
from kernel.money import Money

AT_THE_BANK = frozenset({PaymentState.WAITING, PaymentState.PROCESSING})


class Said(StrEnum):
    """What can be true of a sum of an order, in the order in which it is told."""

    NOTHING_CHARGED = "nothing_charged"
    UNKNOWN = "unknown"
    CLOSING = "closing"
    UNDER_WAY = "under_way"
    KEPT = "kept"
    DISPUTED = "disputed"
    GOING_BACK = "going_back"
    TO_HAND_BACK = "to_hand_back"
    BACK_UNKNOWN = "back_unknown"
    BACK_FAILED = "back_failed"
    GONE_BACK = "gone_back"
    HANDED_BACK = "handed_back"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums of one order, in minor units.

    `unknown` may have arrived, but nobody can look; `closing` can still be paid on a page that is
    open; `under_way` was begun and waits for the payer or a bank. What has arrived is `charged`,
    and of it so much is each of the others; `settled` was made good outside, as the shop says.
    """

    currency: str
    charged: int = 0
    unknown: int = 0
    closing: int = 0
    under_way: int = 0
    disputed: int = 0
    going_back: int = 0
    to_hand_back: int = 0
    back_unknown: int = 0
    back_failed: int = 0
    gone_back: int = 0
    handed_back: int = 0
    settled: int = 0

    @property
    def kept(self) -> int:
        """What arrived and is not on any way back."""
        return self.charged - self.returning - self.returned - self.back_failed

    @property
    def returning(self) -> int:
        """What is to arrive at the shopper and has not, as far as anybody knows."""
        return self.going_back + self.to_hand_back + self.back_unknown

    @property
    def returned(self) -> int:
        """What the shopper has again."""
        return self.gone_back + self.handed_back + self.settled

    @property
    def may_arrive(self) -> int:
        """What has not arrived and still can."""
        return self.unknown + self.closing + self.under_way

    @property
    def is_wholly_returned(self) -> bool:
        """Whether nothing of what was paid is meant to stay with the shop."""
        return self.charged > 0 and self.kept == 0

    @property
    def is_in_question(self) -> bool:
        """Whether goods should leave only if a person says so: finding A5."""
        trouble = self.back_failed or self.back_unknown or self.disputed
        return self.is_wholly_returned or bool(trouble)


def balance_of(
    currency: str,
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    *,
    settled: int = 0,
    disputed: int = 0,
) -> Balance:
    """The sums of an order, from its payments, its refunds, and what was made good outside."""
    sums = dict.fromkeys(("charged", "unknown", "closing", "under_way"), 0)
    by_hand = set()
    for payment in payments:
        kind = _standing(payment)
        if kind:
            sums[kind] += payment.amount_minor
        if payment.method is PaymentMethod.AT_PICKUP:
            by_hand.add(payment.id)
    back = dict.fromkeys(
        ("going_back", "to_hand_back", "back_unknown", "gone_back", "handed_back"), 0
    )
    failed = 0
    for refund in refunds:
        if refund.state is RefundState.FAILED:
            failed += refund.amount_minor
        else:
            back[_way(refund, by_hand=refund.payment_id in by_hand)] += refund.amount_minor
    left = max(sums["charged"] - sum(back.values()), 0)
    settled = min(settled, left)
    # What failed and was made good since, by another refund or outside, has not failed any more.
    still_failed = min(max(failed - settled, 0), left - settled)
    return Balance(
        currency, **sums, **back, settled=settled, back_failed=still_failed,
        disputed=min(disputed, sums["charged"]),
    )  # fmt: skip


def what_to_say(balance: Balance, *, ended: bool) -> list[tuple[Said, Money]]:
    """Each thing that may be said of an order's money, with its sum; never a sum of nothing.

    `ended`: the order is over, so that money which is neither back nor on its way is worth a word.
    """
    # What a bank claims is told once, not also as kept.
    kept = max(balance.kept - balance.disputed, 0)
    told = [
        (said, kept if said is Said.KEPT else int(getattr(balance, said.value)))
        for said in Said
        if said is not Said.NOTHING_CHARGED and (ended or said not in (Said.KEPT, Said.CLOSING))
    ]
    if ended and not balance.charged and not balance.may_arrive:
        return [(Said.NOTHING_CHARGED, Money(0, balance.currency))]
    return [(said, Money(minor, balance.currency)) for said, minor in told if minor > 0]


def _standing(payment: Payment) -> str:
    """Which of the sums a payment counts to; none while it was only asked for, or has ended."""
    if payment.state is PaymentState.SUCCEEDED:
        return "charged"
    if payment.unknown_since is not None:
        return "unknown"
    if payment.state in AT_THE_BANK:
        return "under_way"
    return "closing" if payment.state is PaymentState.OPEN else ""


def _way(refund: Refund, *, by_hand: bool) -> str:
    if refund.state is RefundState.SUCCEEDED:
        return "handed_back" if by_hand else "gone_back"
    if refund.unknown_since is not None:
        return "back_unknown"
    return "to_hand_back" if by_hand else "going_back"
