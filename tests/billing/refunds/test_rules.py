"""What a refund's failure says about the money, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.refunds.models import RefundState
from billing.refunds.rules import (
    FAILURE_KINDS,
    FailureKind,
    failure_kind,
    reason_of,
    refusal_code,
    state_of,
)


@given(st.text())
def test_a_code_that_we_do_not_know_says_nothing_about_the_money(code: str) -> None:
    if code not in FAILURE_KINDS:
        assert failure_kind(code) is FailureKind.UNKNOWN


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("balance_insufficient", FailureKind.NOTHING_LEFT_THE_ACCOUNT),
        ("charge_already_refunded", FailureKind.ALREADY_BACK),
        ("charge_disputed", FailureKind.DISPUTED),
        ("lost_or_stolen_card", FailureKind.CAME_BACK),
        ("more_than_left", FailureKind.ALREADY_BACK),
        ("no_access", FailureKind.UNKNOWN),
        ("no_connection", FailureKind.UNKNOWN),
        ("refused", FailureKind.UNKNOWN),
        ("unknown", FailureKind.UNKNOWN),
    ],
)
def test_each_code_says_what_is_known(code: str, kind: FailureKind) -> None:
    assert failure_kind(code) is kind


@pytest.mark.parametrize(
    "code",
    ["resource_missing", "idempotency_error", "account_invalid", "rate_limit", "lock_timeout"],
)
def test_a_refusal_of_the_question_is_no_answer(code: str) -> None:
    assert refusal_code(code=code, param=None) is None


def test_stripes_own_code_is_kept_and_its_one_sentence_without_a_code_has_ours() -> None:
    assert refusal_code(code="balance_insufficient", param=None) == "balance_insufficient"
    assert refusal_code(code=None, param="amount") == "more_than_left"
    assert refusal_code(code=None, param=None) == "refused"


@pytest.mark.parametrize("status", ["pending", "requires_action", "", "a word of next year"])
def test_what_is_neither_made_nor_failed_is_under_way(status: str) -> None:
    assert state_of(status) is RefundState.PENDING


def test_a_refund_cancelled_at_stripe_says_so() -> None:
    assert state_of("canceled") is RefundState.FAILED
    assert reason_of("canceled", None) == "canceled"
    assert failure_kind("canceled") is FailureKind.NOTHING_LEFT_THE_ACCOUNT
    assert failure_kind(reason_of("failed", None)) is FailureKind.UNKNOWN
