import re
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from billing.sandbox import Sandbox
from billing.sandbox.payments import later
from tests.billing.sandbox.caller import Caller

GOOD, DECLINED, ASKS = "4242424242424242", "4000000000000002", "4000002500003155"


def submit(session: dict[str, Any], **fields: str) -> requests.Response:
    return requests.post(session["url"], data=fields, allow_redirects=False, timeout=120)


def state(caller: Caller, session: dict[str, Any]) -> tuple[str, str]:
    found = caller.get(f"/v1/checkout/sessions/{session['id']}")
    return found["status"], found["payment_status"]


def intent_of(caller: Caller, session: dict[str, Any]) -> dict[str, Any]:
    expand = {"expand[]": "payment_intent.latest_charge"}
    intent: dict[str, Any] = caller.get(f"/v1/checkout/sessions/{session['id']}", **expand)[
        "payment_intent"
    ]
    return intent


def test_a_good_card_pays_and_leads_back_to_the_shop(greenfield: Caller) -> None:
    session = greenfield.check_out()
    assert session["payment_intent"] is None  # there is none before somebody tries

    answer = submit(session, card=GOOD)

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/thanks?s={session['id']}")
    assert state(greenfield, session) == ("complete", "paid")
    assert intent_of(greenfield, session)["amount_received"] == 1250
    assert greenfield.events()[-5:] == [
        "account.updated",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_declined_card_leaves_the_page_open_for_another(
    sandbox: Sandbox, greenfield: Caller
) -> None:
    session = greenfield.check_out()

    declined = submit(session, card=DECLINED)

    assert declined.status_code == 422
    assert "Your card was declined. Nothing was charged." in declined.text
    assert state(greenfield, session) == ("open", "unpaid")
    assert intent_of(greenfield, session)["last_payment_error"]["code"] == "card_declined"
    assert sandbox.record()["lines"] == []

    assert submit(session, card=GOOD).status_code == 303
    intent = intent_of(greenfield, session)
    assert (intent["status"], intent["last_payment_error"]) == ("succeeded", None)
    assert sandbox.record()["totals"][greenfield.account]["eur"]["captured"] == 1250


def test_the_bank_is_asked_and_approves(greenfield: Caller) -> None:
    session = greenfield.check_out()

    asked = submit(session, card=ASKS)
    assert intent_of(greenfield, session)["status"] == "requires_action"
    question = asked.headers["Location"]
    page = requests.get(f"{session['url'].rsplit('/c/', 1)[0]}{question}", timeout=120)
    answer = requests.post(page.url, data={"answer": "approve"}, allow_redirects=False, timeout=120)

    assert "card ending in 3155" in page.text
    assert answer.status_code == 303
    assert state(greenfield, session) == ("complete", "paid")


def test_the_bank_refuses_and_nothing_is_charged(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()

    assert sandbox.pay(session["id"], ASKS, approve=False) == "declined"

    assert state(greenfield, session) == ("open", "unpaid")
    error = intent_of(greenfield, session)["last_payment_error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert sandbox.record()["lines"] == []
    assert sandbox.pay(session["id"]) == "paid"


def test_a_bank_debit_is_complete_before_it_is_paid(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()

    assert submit(session, card="bank-debit").status_code == 303
    assert state(greenfield, session) == ("complete", "unpaid")
    assert sandbox.record()["lines"] == []

    sandbox.advance(11)
    assert state(greenfield, session) == ("complete", "paid")
    assert greenfield.events()[-1] == "checkout.session.async_payment_succeeded"
    assert sandbox.settle() == 0


def test_a_bank_debit_can_fail_later(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()
    submit(session, card="bank-debit-fails")

    assert sandbox.settle() == 1

    assert state(greenfield, session) == ("complete", "unpaid")
    assert greenfield.events()[-1] == "checkout.session.async_payment_failed"
    assert sandbox.record()["lines"] == []


def test_paying_twice_charges_once(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()

    answers = [submit(session, card=GOOD) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(sandbox.record()["lines"]) == 1
    assert "It has been paid already" in requests.get(session["url"], timeout=120).text


def test_an_expired_page_takes_no_money(sandbox: Sandbox, greenfield: Caller) -> None:
    first, second = greenfield.check_out(), greenfield.check_out()
    sandbox.pay(first["id"], DECLINED)
    greenfield.post(f"/v1/checkout/sessions/{first['id']}/expire")
    sandbox.advance(24 * 3600 + 10)

    for session in (first, second):
        assert submit(session, card=GOOD).status_code == 410
        assert state(greenfield, session) == ("expired", "unpaid")
    assert intent_of(greenfield, first)["status"] == "canceled"
    assert sandbox.record()["lines"] == []
    assert greenfield.events().count("checkout.session.expired") == 2


def test_a_page_is_closed_at_its_minute_even_before_it_is_swept() -> None:
    now = [1_800_000_000.0]
    with Sandbox(deliver=False, clock=lambda: now[0]) as sandbox:
        platform = Caller(sandbox)
        greenfield = platform.on(platform.open_account("Greenfield"))
        session = greenfield.check_out(expires_at=str(int(now[0]) + 1800))
        now[0] += 1800

        assert submit(session, card=GOOD).status_code == 410
        assert sandbox.pay(session["id"]) == "closed"
        assert sandbox.record()["lines"] == []


def test_money_that_arrives_from_two_threads_arrives_once(
    sandbox: Sandbox, greenfield: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = greenfield.check_out()
    sandbox.pay(session["id"], "bank-debit")
    both_have_seen_it = threading.Barrier(2)
    settle = later._settle

    def slow(*found: Any) -> bool:
        both_have_seen_it.wait(timeout=120)
        return settle(*found)

    monkeypatch.setattr(later, "_settle", slow)
    threads = [threading.Thread(target=sandbox.settle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [line["what"] for line in sandbox.record()["lines"]] == ["capture"]
    assert greenfield.events().count("payment_intent.succeeded") == 1


def test_only_an_open_page_can_be_expired(sandbox: Sandbox, greenfield: Caller) -> None:
    session = greenfield.check_out()
    sandbox.pay(session["id"])

    error = greenfield.refused(f"/v1/checkout/sessions/{session['id']}/expire")

    assert error["status"] == 400
    assert state(greenfield, session) == ("complete", "paid")


def test_an_account_that_is_not_onboarded_cannot_charge(platform: Caller) -> None:
    made = platform.post("/v1/accounts", {"country": "DE", "business_profile[name]": "New"})
    with pytest.raises(AssertionError, match="cannot currently make charges"):
        platform.on(made["id"]).check_out()


@pytest.mark.parametrize(
    ("locale", "words", "amount"),
    [("zh", "选择一张测试卡", "€12.50"), ("en", "Choose a test card", "€12.50")],
)
def test_the_page_speaks_the_readers_language(
    greenfield: Caller, locale: str, words: str, amount: str
) -> None:
    page = requests.get(greenfield.check_out(locale=locale)["url"], timeout=120).text

    assert words in page
    assert amount in page
    assert "Greenfield" in page
    assert "<script" not in page


def test_names_from_outside_are_only_ever_text(greenfield: Caller) -> None:
    name = {"line_items[0][price_data][product_data][name]": "<b>Leeks</b>"}
    page = requests.get(greenfield.check_out(**name)["url"], timeout=120).text

    assert "&lt;b&gt;Leeks" in page
    assert "<b>Leeks" not in page


def test_a_wrong_number_is_told_at_once(greenfield: Caller) -> None:
    session = greenfield.check_out()
    answer = submit(session, card="other", number="4242 4242 4242 4241")

    assert answer.status_code == 422
    assert "typing mistake" in answer.text
    assert intent_of(greenfield, session) is None


def test_a_card_number_is_never_kept(tmp_path: Path) -> None:
    number = "5555555555554444"
    with Sandbox(deliver=False, state=tmp_path / "stripe.sqlite") as sandbox:
        greenfield = Caller(sandbox)
        greenfield = greenfield.on(greenfield.open_account("Greenfield"))
        session = greenfield.check_out()
        assert submit(session, card="other", number=number).status_code == 303
        charge = intent_of(greenfield, session)["latest_charge"]
        assert charge["payment_method_details"]["card"] == {"brand": "mastercard", "last4": "4444"}

    connection = sqlite3.connect(tmp_path / "stripe.sqlite")
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert "4444" in dump
    assert not re.search(r"5555[ -]?5555", dump)


def test_leaving_goes_back_to_the_shop_and_keeps_the_page_open(greenfield: Caller) -> None:
    session = greenfield.check_out()
    page = requests.get(session["url"], timeout=120).text

    assert f'href="{session["cancel_url"]}"' in page
    assert state(greenfield, session) == ("open", "unpaid")
