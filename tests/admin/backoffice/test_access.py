"""Who gets into a shop's back office."""

from tenants.accounts.models import Tenant
from tests.conftest import Browser, browse


def test_a_member_works_in_their_shop(ana: Browser) -> None:
    answer = ana.get("/greenfield/")

    assert answer.status_code == 200
    assert "Greenfield Growers" in answer.text


def test_a_stranger_learns_nothing(carol: Browser, greenfield: Tenant) -> None:
    answer = carol.get("/greenfield/")

    assert answer.status_code == 404
    assert "Greenfield Growers" not in answer.text
    assert carol.get("/no-such-shop/").status_code == 404


def test_without_a_session_one_is_asked_to_sign_in(ana: Browser) -> None:
    answer = browse(ana.application, "app.sheaf.test").get("/greenfield/?tab=a")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Fgreenfield%2F%3Ftab%3Da"


def test_a_shops_host_knows_no_merchant(ana: Browser) -> None:
    assert ana.get("/greenfield/", base_url="http://greenfield.shops.test").status_code == 404
