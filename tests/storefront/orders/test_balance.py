"""What may be said of an order's money, whatever has happened to it: finding M3, for all cases."""

from dataclasses import asdict, fields
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from billing.connections.models import PaymentMethod
from billing.payments.models import Payment, PaymentState
from billing.refunds.models import Refund, RefundState
from billing.refunds.rules import FAILURE_KINDS, FailureKind, failure_kind
from kernel import clock
from kernel.db import new_id
from kernel.i18n import money_text
from kernel.money import Money
from storefront.orders.balance import Balance, Said, balance_of, what_to_say
from storefront.orders.balance_words import AFTER_THE_END, TO_SHOP, TO_SHOPPER, words_for_shopper
from storefront.orders.refund_failures import DO_NOT_KNOW, why_it_failed

STATES = st.sampled_from(PaymentState)
METHODS = st.sampled_from(PaymentMethod)
SUMS = [field.name for field in fields(Balance) if field.name != "currency"]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Payment], list[Refund], int]:
    """Payments in any state, refunds of those that arrived that never exceed them, and a sum that
    the shop says it settled outside."""
    payments, refunds = [], []
    for _ in range(draw(st.integers(0, 3))):
        payment = Payment(
            id=new_id(), method=draw(METHODS), amount_minor=draw(st.integers(1, 1000)),
            currency="EUR", state=draw(STATES), refunded_minor=0,
            unknown_since=clock.now() if draw(st.booleans()) else None,
        )  # fmt: skip
        payments.append(payment)
        left = payment.amount_minor if payment.state is PaymentState.SUCCEEDED else 0
        while left and draw(st.booleans()):
            part, state = draw(st.integers(1, left)), draw(st.sampled_from(RefundState))
            left -= 0 if state is RefundState.FAILED else part
            refund = Refund(id=new_id(), payment_id=payment.id, amount_minor=part, state=state)
            if state in (RefundState.REQUESTED, RefundState.PENDING) and draw(st.booleans()):
                refund.unknown_since = clock.now()
            refunds.append(refund)
    return payments, refunds, draw(st.integers(0, 1500))


def balance(payments: list[Payment], refunds: list[Refund], settled: int = 0) -> Balance:
    return balance_of("EUR", payments, refunds, settled=settled)


@given(histories())
def test_every_cent_that_arrived_is_in_exactly_one_place(
    history: tuple[list[Payment], list[Refund], int],
) -> None:
    made = balance(*history)

    assert all(getattr(made, name) >= 0 for name in SUMS)
    assert made.kept >= 0
    assert made.charged == made.kept + made.returning + made.returned + made.back_failed


@given(histories(), st.booleans())
def test_nothing_was_charged_is_said_only_when_nothing_was_or_can_be(
    history: tuple[list[Payment], list[Refund], int], ended: bool
) -> None:
    payments, refunds, settled = history
    said = {said for said, _ in what_to_say(balance(payments, refunds, settled), ended=ended)}

    answered = {PaymentState.REQUESTED, PaymentState.FAILED, PaymentState.EXPIRED}
    nothing = all(one.state in answered and one.unknown_since is None for one in payments)
    assert (Said.NOTHING_CHARGED in said) == (nothing and ended)
    assert Said.NOTHING_CHARGED not in said or said == {Said.NOTHING_CHARGED}


@given(histories(), st.booleans())
def test_only_sums_that_are_so_are_told_and_never_a_sum_of_nothing(
    history: tuple[list[Payment], list[Refund], int], ended: bool
) -> None:
    made = balance(*history)
    told = dict(what_to_say(made, ended=ended))

    for said, amount in told.items():
        if said is not Said.NOTHING_CHARGED:
            assert amount.minor == getattr(made, said.value) > 0
    hidden = set() if ended else {Said.KEPT, Said.CLOSING}
    untold = {said for said in Said if said not in told and said is not Said.NOTHING_CHARGED}
    assert all(not getattr(made, said.value) for said in untold - hidden)


@given(histories(), st.booleans())
def test_money_that_failed_to_go_back_is_never_told_as_back_or_on_its_way(
    history: tuple[list[Payment], list[Refund], int], ended: bool
) -> None:
    payments, refunds, settled = history
    before = balance(payments, refunds, settled)
    moved = [r for r in refunds if r.state is RefundState.SUCCEEDED]
    for refund in moved:
        refund.state = RefundState.FAILED
    after = balance(payments, refunds, settled)

    assert (after.gone_back, after.handed_back) == (0, 0)
    assert after.charged == before.charged
    if moved:
        assert after.back_failed + after.settled + after.returning > 0
    words = " ".join(words_for_shopper(after, ended=ended))
    assert "was paid back the way" not in words


def test_each_thing_has_its_own_sentence_for_the_shopper() -> None:
    everything = Balance("EUR", **dict(zip(SUMS, count(1), strict=False)))
    for said in Said:
        assert said in {**TO_SHOPPER, **AFTER_THE_END}, said
    sentences = [*TO_SHOPPER.values(), *AFTER_THE_END.values(), *TO_SHOP.values()]
    assert len(set(sentences)) == len(sentences)
    assert set(asdict(everything)) == {*SUMS, "currency"}


def test_a_sum_that_failed_and_went_back_by_another_way_is_no_trouble_any_more() -> None:
    paid = Payment(
        id=new_id(), method=PaymentMethod.STRIPE, amount_minor=640, currency="EUR",
        state=PaymentState.SUCCEEDED, refunded_minor=640,
    )  # fmt: skip
    refunds = [
        Refund(id=new_id(), payment_id=paid.id, amount_minor=640, state=state)
        for state in (RefundState.FAILED, RefundState.SUCCEEDED)
    ]

    made = balance([paid], refunds)

    assert (made.back_failed, made.gone_back, made.kept) == (0, 640, 0)
    assert what_to_say(made, ended=True) == [(Said.GONE_BACK, Money(640, "EUR"))]
    assert money_text(Money(640, "EUR")) == "€6.40"


def test_every_code_that_is_understood_has_a_sentence_of_its_own_kind() -> None:
    by_sentence: dict[str, set[FailureKind]] = {}
    for code in [*FAILURE_KINDS, "refused", "no_access", "a_code_of_tomorrow"]:
        by_sentence.setdefault(why_it_failed(code), set()).add(failure_kind(code))

    assert all(len(kinds) == 1 for kinds in by_sentence.values()), by_sentence
    assert by_sentence[DO_NOT_KNOW] == {FailureKind.UNKNOWN}
