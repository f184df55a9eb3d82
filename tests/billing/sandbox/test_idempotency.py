import threading

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import CHECKOUT, Caller

SESSIONS = "/v1/checkout/sessions"


def sessions_of(caller: Caller) -> int:
    return len(caller.get(SESSIONS)["data"])


def test_the_same_key_brings_the_first_answer_again(greenfield: Caller) -> None:
    first = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    again = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert sessions_of(greenfield) == 1


def test_the_same_key_with_other_parameters_is_refused(greenfield: Caller) -> None:
    greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    other = greenfield.send("POST", SESSIONS, {**CHECKOUT, "locale": "zh"}, once="co:1")
    elsewhere = greenfield.send("POST", "/v1/refunds", {"charge": "ch_1"}, once="co:1")

    for answer in (other, elsewhere):
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "idempotency_error"
    assert sessions_of(greenfield) == 1


def test_a_key_belongs_to_one_account(greenfield: Caller, hillside: Caller) -> None:
    first = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1").json()
    other = hillside.send("POST", SESSIONS, CHECKOUT, once="co:1").json()

    assert first["id"] != other["id"]


def test_a_refusal_by_validation_is_not_kept(greenfield: Caller) -> None:
    refused = greenfield.send("POST", SESSIONS, {**CHECKOUT, "bogus": "1"}, once="co:1")
    corrected = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    assert (refused.status_code, corrected.status_code) == (400, 200)


def test_a_refusal_by_the_rules_is_kept(greenfield: Caller) -> None:
    intent = greenfield.paid()
    too_much = {"payment_intent": intent["id"], "amount": "1251"}

    first = greenfield.send("POST", "/v1/refunds", too_much, once="re:1")
    again = greenfield.send("POST", "/v1/refunds", too_much, once="re:1")

    assert (first.status_code, again.status_code) == (400, 400)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_failure_before_the_effect_is_kept(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(fail_before=1)
    first = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    again = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    fresh = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:2")

    assert [first.status_code, again.status_code, fresh.status_code] == [500, 500, 200]
    assert first.headers["Stripe-Should-Retry"] == "false"
    assert sessions_of(greenfield) == 1


def test_a_failure_after_the_effect_is_kept_and_the_effect_too(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    sandbox.switch(fail_after=1)
    first = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    again = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    assert [first.status_code, again.status_code] == [500, 500]
    assert sessions_of(greenfield) == 1


def test_a_failure_that_is_not_kept_hides_the_true_answer_once(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    sandbox.switch(fail_after=1, saved=False)
    first = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    again = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    assert [first.status_code, again.status_code] == [500, 200]
    assert sessions_of(greenfield) == 1


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox, greenfield: Caller) -> None:
    for hours, expected in ((0, 1), (23.9, 1), (0.2, 2)):
        sandbox.advance(hours * 3600)
        greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
        assert sessions_of(greenfield) == expected


def test_a_key_in_use_is_refused_meanwhile(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(hang_before=1, hang_seconds=0.5)
    answers: list[int] = []

    def call() -> None:
        answers.append(greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1").status_code)

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert sorted(answers) == [200, 409]
    assert sessions_of(greenfield) == 1
