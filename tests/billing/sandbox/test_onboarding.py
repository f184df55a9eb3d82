from typing import Any

import pytest
import requests

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import Caller


@pytest.fixture
def account(platform: Caller) -> dict[str, Any]:
    return platform.post("/v1/accounts", {"country": "DE", "business_profile[name]": "Greenfield"})


def link_for(platform: Caller, account: dict[str, Any]) -> str:
    params = {
        "account": account["id"],
        "type": "account_onboarding",
        "return_url": "http://app.sheaf.test/back",
        "refresh_url": "http://app.sheaf.test/again",
    }
    url: str = platform.post("/v1/account_links", params)["url"]
    return url


def press(url: str, action: str) -> str:
    answer = requests.post(url, data={"action": action}, allow_redirects=False, timeout=120)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_new_account_can_do_nothing_yet(account: dict[str, Any]) -> None:
    assert account["charges_enabled"] is False
    assert account["requirements"]["currently_due"]
    assert account["default_currency"] == "eur"


def test_finishing_makes_the_account_ready_and_says_so(
    sandbox: Sandbox, platform: Caller, account: dict[str, Any]
) -> None:
    url = link_for(platform, account)
    assert "Connect Greenfield" in requests.get(url, timeout=120).text

    assert press(url, "finish") == "http://app.sheaf.test/back"

    now = platform.get(f"/v1/accounts/{account['id']}")
    assert (now["details_submitted"], now["charges_enabled"]) == (True, True)
    assert now["payouts_enabled"] is True
    assert now["requirements"]["currently_due"] == []
    event = sandbox.take_webhooks()[0].event
    assert (event["type"], event["account"]) == ("account.updated", account["id"])
    assert event["data"]["previous_attributes"]["charges_enabled"] is False


def test_leaving_comes_back_the_same_way_and_proves_nothing(
    sandbox: Sandbox, platform: Caller, account: dict[str, Any]
) -> None:
    assert press(link_for(platform, account), "leave") == "http://app.sheaf.test/back"

    assert platform.get(f"/v1/accounts/{account['id']}")["charges_enabled"] is False
    assert sandbox.take_webhooks() == []


def test_a_link_works_once(platform: Caller, account: dict[str, Any]) -> None:
    url = link_for(platform, account)
    press(url, "leave")

    assert press(url, "finish") == "http://app.sheaf.test/again"
    assert platform.get(f"/v1/accounts/{account['id']}")["charges_enabled"] is False


def test_a_link_is_old_after_minutes(
    sandbox: Sandbox, platform: Caller, account: dict[str, Any]
) -> None:
    url = link_for(platform, account)
    sandbox.advance(301)

    assert press(url, "finish") == "http://app.sheaf.test/again"


def test_the_page_speaks_chinese_to_a_chinese_browser(
    platform: Caller, account: dict[str, Any]
) -> None:
    url = link_for(platform, account)
    page = requests.get(url, headers={"Accept-Language": "zh-CN,zh;q=0.9"}, timeout=120).text
    assert "为 Greenfield 开通收款" in page


def test_a_connected_account_makes_no_link_for_another(
    platform: Caller, greenfield: Caller, hillside: Caller
) -> None:
    params = {
        "account": str(hillside.account),
        "type": "account_onboarding",
        "return_url": "http://x.test",
        "refresh_url": "http://x.test",
    }
    assert greenfield.refused("/v1/account_links", params)["status"] == 404
    assert platform.refused("/v1/account_links", {**params, "account": "acct_x"})["status"] == 404


def test_a_restricted_account_charges_nobody(sandbox: Sandbox, greenfield: Caller) -> None:
    sandbox.change_account(str(greenfield.account), "restrict")
    with pytest.raises(AssertionError, match="cannot currently make charges"):
        greenfield.check_out()

    sandbox.change_account(str(greenfield.account), "restore")
    assert greenfield.check_out()["status"] == "open"
