import pytest
import requests

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import CHECKOUT, Caller

SESSIONS = "/v1/checkout/sessions"


def test_switches_are_set_shown_and_reset_over_http(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/_sandbox/switches"

    assert requests.post(url, json={"fail_before": 2}, timeout=120).json()["fail_before"] == 2
    assert requests.get(url, timeout=120).json()["fail_before"] == 2
    assert requests.delete(url, timeout=120).json()["fail_before"] == 0


@pytest.mark.parametrize("wrong", [{"explode": 1}, {"fail_before": "2"}, {"fail_before": True}])
def test_an_unknown_switch_is_refused(sandbox: Sandbox, wrong: dict[str, object]) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/switches", json=wrong, timeout=120)

    assert answer.status_code == 400
    assert sandbox.world.switches.now.fail_before == 0


def test_only_the_named_calls_fail(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(fail_before=1, only="POST /v1/refunds")

    assert greenfield.check_out()["status"] == "open"
    intent = greenfield.paid()
    error = greenfield.refused("/v1/refunds", {"payment_intent": intent["id"]})
    assert (error["status"], error["type"]) == (500, "api_error")
    assert greenfield.get("/v1/refunds")["data"] == []


def test_a_connection_is_cut_before_or_after_the_effect(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    for moment, made in (("cut_before", 0), ("cut_after", 1)):
        sandbox.switch(**{moment: 1})
        with pytest.raises(requests.ConnectionError):
            greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
        assert len(greenfield.get(SESSIONS)["data"]) == made

    assert greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1").status_code == 200
    assert len(greenfield.get(SESSIONS)["data"]) == 1


def test_too_many_calls_are_refused_without_effect(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(rate_limit=1)

    refused = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")
    again = greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    assert (refused.status_code, again.status_code) == (429, 200)


def test_a_hanging_answer_comes_after_the_effect(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(hang_after=1, hang_seconds=5)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            sandbox.url + SESSIONS,
            data=CHECKOUT,
            headers={
                "Authorization": f"Bearer {greenfield.key}",
                "Stripe-Account": str(greenfield.account),
            },
            timeout=0.3,
        )
    assert len(greenfield.get(SESSIONS)["data"]) == 1


def test_the_next_card_is_declined_whatever_it_is(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.switch(decline_next=1)
    session = greenfield.check_out()

    assert sandbox.pay(session["id"]) == "declined"
    assert sandbox.pay(session["id"]) == "paid"


def test_what_was_called_is_remembered_without_the_key(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    greenfield.send("POST", SESSIONS, CHECKOUT, once="co:1")

    last = sandbox.calls[-1]
    assert (last.label, last.account) == (f"POST {SESSIONS}", greenfield.account)
    assert last.idempotency_key == "co:1"
    assert greenfield.key not in str(sandbox.calls)
