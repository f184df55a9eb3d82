from typing import Any

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import Caller


def give_back(caller: Caller, intent: dict[str, Any], **params: str) -> dict[str, Any]:
    return caller.post("/v1/refunds", {"payment_intent": intent["id"], **params})


def totals(sandbox: Sandbox, caller: Caller) -> dict[str, int]:
    sums: dict[str, int] = sandbox.record()["totals"][caller.account]["eur"]
    return sums


def test_parts_are_refunded_until_nothing_is_left(sandbox: Sandbox, greenfield: Caller) -> None:
    intent = greenfield.paid()

    assert give_back(greenfield, intent, amount="450")["status"] == "succeeded"
    too_much = greenfield.refused("/v1/refunds", {"payment_intent": intent["id"], "amount": "801"})
    assert give_back(greenfield, intent)["amount"] == 800
    nothing_left = greenfield.refused("/v1/refunds", {"payment_intent": intent["id"]})

    assert (too_much["status"], too_much["param"]) == (400, "amount")
    assert nothing_left["code"] == "charge_already_refunded"
    assert totals(sandbox, greenfield)["refunded"] == 1250
    assert totals(sandbox, greenfield)["net"] == 0
    charge = greenfield.get(f"/v1/charges/{intent['latest_charge']['id']}")
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1250)


def test_our_fee_stays_unless_it_is_asked_for(
    sandbox: Sandbox, platform: Caller, greenfield: Caller
) -> None:
    intent = greenfield.paid(fee=31)
    give_back(greenfield, intent)
    assert totals(sandbox, greenfield)["fees_returned"] == 0

    fee_id = intent["latest_charge"]["application_fee"]
    fee = f"/v1/application_fees/{fee_id}"
    assert platform.post(f"{fee}/refunds", {"amount": "10"})["fee"] == fee_id
    assert platform.refused(f"{fee}/refunds", {"amount": "22"})["param"] == "amount"
    assert totals(sandbox, greenfield)["fees_returned"] == 10
    for amount in ("20", "1"):
        assert platform.post(f"{fee}/refunds", {"amount": amount})["fee"] == fee_id

    assert platform.refused(f"{fee}/refunds", {"amount": "1"})["status"] == 400
    assert totals(sandbox, greenfield)["fees_returned"] == 31
    assert platform.get(fee)["refunded"] is True
    assert len(platform.get(f"{fee}/refunds")["data"]) == 3


def test_the_provider_returns_a_proportional_fee_when_asked(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    intent = greenfield.paid(fee=31)

    give_back(greenfield, intent, amount="625", refund_application_fee="true")
    assert totals(sandbox, greenfield)["fees_returned"] == 15
    give_back(greenfield, intent, refund_application_fee="true")
    assert totals(sandbox, greenfield)["fees_returned"] == 31


def test_a_fee_that_was_never_taken_cannot_be_returned(greenfield: Caller) -> None:
    params = {"payment_intent": greenfield.paid()["id"], "refund_application_fee": "true"}
    assert greenfield.refused("/v1/refunds", params)["param"] == "refund_application_fee"
    assert greenfield.get("/v1/refunds")["data"] == []


def test_what_was_not_paid_cannot_be_refunded(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()
    sandbox.pay(session["id"], "4000000000000002")
    found = greenfield.get(f"/v1/checkout/sessions/{session['id']}")

    error = greenfield.refused("/v1/refunds", {"payment_intent": found["payment_intent"]})

    assert error["status"] == 400


def test_too_little_balance_refuses_one_refund(sandbox: Sandbox, greenfield: Caller) -> None:
    intent = greenfield.paid()
    sandbox.switch(refund_next="insufficient")

    error = greenfield.refused("/v1/refunds", {"payment_intent": intent["id"]})

    assert error["code"] == "balance_insufficient"
    assert totals(sandbox, greenfield)["refunded"] == 0
    assert give_back(greenfield, intent)["status"] == "succeeded"


def test_a_refund_can_be_pending_and_succeed_later(sandbox: Sandbox, greenfield: Caller) -> None:
    intent = greenfield.paid()
    sandbox.switch(refund_next="pending")

    made = give_back(greenfield, intent)
    assert made["status"] == "pending"
    sandbox.settle()

    assert greenfield.get(f"/v1/refunds/{made['id']}")["status"] == "succeeded"
    assert greenfield.events()[-1] == "refund.updated"


def test_a_refund_that_fails_gives_the_shop_its_money_back(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    intent = greenfield.paid()
    sandbox.switch(refund_next="failed")

    made = give_back(greenfield, intent, amount="450")

    assert made["status"] == "failed"
    assert greenfield.events()[-1] == "refund.failed"
    sums = totals(sandbox, greenfield)
    assert (sums["refunded"], sums["refunds_failed"], sums["net"]) == (450, 450, 1250)
    assert give_back(greenfield, intent)["amount"] == 1250


def test_the_record_equals_what_the_charges_say(sandbox: Sandbox, greenfield: Caller) -> None:
    intents = [greenfield.paid(fee=31) for _ in range(3)]
    give_back(greenfield, intents[0])
    give_back(greenfield, intents[1], amount="100")

    charges = greenfield.get("/v1/charges")["data"]
    sums = totals(sandbox, greenfield)
    assert sums["captured"] == sum(charge["amount_captured"] for charge in charges)
    assert sums["refunded"] == sum(charge["amount_refunded"] for charge in charges)
    assert greenfield.get("/v1/balance")["available"] == [
        {"amount": 3 * (1250 - 31) - 1350, "currency": "eur"}
    ]
