import pytest

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import Caller


@pytest.fixture
def ana(sandbox: Sandbox) -> Caller:
    """A shop with a key of its own."""
    return Caller(sandbox, key="sk_test_own_ana")


def reach_for(stranger: Caller, session: str, intent: dict[str, str]) -> list[int]:
    charge = intent["latest_charge"]["id"]  # type: ignore[index]  # expanded
    paths = [f"/v1/checkout/sessions/{session}", f"/v1/payment_intents/{intent['id']}"]
    answers = [stranger.send("GET", path) for path in [*paths, f"/v1/charges/{charge}"]]
    answers.append(stranger.send("POST", f"/v1/checkout/sessions/{session}/expire"))
    answers.append(stranger.send("POST", "/v1/refunds", {"payment_intent": intent["id"]}))
    assert {answer.json()["error"]["code"] for answer in answers} == {"resource_missing"}
    return [answer.status_code for answer in answers]


def test_another_account_finds_nothing(
    platform: Caller, greenfield: Caller, hillside: Caller, ana: Caller
) -> None:
    intent = greenfield.paid(fee=31)
    session = greenfield.get("/v1/checkout/sessions")["data"][0]["id"]

    for stranger in (hillside, platform, ana):
        assert reach_for(stranger, session, intent) == [404] * 5
        for path in ("/v1/checkout/sessions", "/v1/charges", "/v1/refunds"):
            assert stranger.get(path)["data"] == []
    assert greenfield.get(f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"


def test_own_keys_are_apart_from_each_other(sandbox: Sandbox, ana: Caller) -> None:
    carol = Caller(sandbox, key="rk_test_own_carol")
    intent = ana.paid()

    assert carol.refused(f"/v1/payment_intents/{intent['id']}", method="GET")["status"] == 404
    assert ana.get("/v1/account")["id"] != carol.get("/v1/account")["id"]
    assert ana.get("/v1/account")["charges_enabled"] is True


def test_an_own_key_reaches_no_connected_account(greenfield: Caller, ana: Caller) -> None:
    stranger = ana.on(str(greenfield.account))
    assert stranger.refused("/v1/balance", method="GET")["status"] == 403


def test_a_fee_is_the_platforms_and_hidden_from_shops(platform: Caller, greenfield: Caller) -> None:
    fee = greenfield.paid(fee=31)["latest_charge"]["application_fee"]

    assert platform.get(f"/v1/application_fees/{fee}")["amount"] == 31
    assert greenfield.refused(f"/v1/application_fees/{fee}", method="GET")["status"] == 404
    assert greenfield.get("/v1/application_fees")["data"] == []


@pytest.mark.parametrize("key", ["", "sk_live_x", "sk_test_x", "pk_test_own_ana"])
def test_an_unknown_key_is_refused_and_not_repeated(sandbox: Sandbox, key: str) -> None:
    error = Caller(sandbox, key=key).refused("/v1/balance", method="GET")

    assert error["status"] == 401
    assert not key or f"{key} " not in f"{error['message']} "


def test_an_account_that_left_is_refused(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.change_account(str(greenfield.account), "deauthorize")

    assert greenfield.refused("/v1/balance", method="GET")["status"] == 403
    event = sandbox.take_webhooks()[-1].event
    assert (event["type"], event["account"]) == (
        "account.application.deauthorized",
        greenfield.account,
    )


def test_another_account_in_the_header_that_never_was_is_refused(platform: Caller) -> None:
    assert platform.on("acct_nobody").refused("/v1/balance", method="GET")["status"] == 403
