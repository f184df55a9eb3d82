"""A notice that a shop shows above everything else, in the reader's language."""

from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.accounts.queries import get_profile
from tests.admin.backoffice.test_settings import WORDS
from tests.conftest import Browser

CLOSED = {"notice_en": "No pick-up  next week.", "notice_zh": "下周不取货。"}


def test_a_notice_is_shown_in_the_readers_language(
    ana: Browser, shopper: Browser, neighbour: Browser
) -> None:
    assert ana.post("/greenfield/settings", data=WORDS | CLOSED).status_code == 303

    assert "No pick-up next week." in shopper.get("/?lang=en").text
    assert "下周不取货。" in shopper.get("/?lang=zh").text
    assert "No pick-up next week." not in neighbour.get("/?lang=en").text


def test_one_language_is_enough_and_an_emptied_notice_is_gone(
    ana: Browser, shopper: Browser
) -> None:
    ana.post("/greenfield/settings", data=WORDS | {"notice_zh": "下周不取货。"})
    assert "下周不取货。" in shopper.get("/?lang=en").text

    ana.post("/greenfield/settings", data=WORDS)
    assert "下周不取货。" not in shopper.get("/?lang=en").text


def test_a_long_notice_is_refused_at_its_field_and_kept(ana: Browser, greenfield: Tenant) -> None:
    answer = ana.post("/greenfield/settings", data=WORDS | {"notice_en": "closed " * 40})

    assert answer.status_code == 422
    assert "Use at most 200 characters" in answer.text
    assert "closed closed" in answer.text
    with acting_for(greenfield.id):
        assert get_profile().notice_en == ""


def test_a_notice_is_text_not_markup(ana: Browser, shopper: Browser) -> None:
    ana.post("/greenfield/settings", data=WORDS | {"notice_en": "<script>alert(1)</script>"})
    assert "<script>alert" not in shopper.get("/?lang=en").text
    assert "&lt;script&gt;alert" in shopper.get("/?lang=en").text


def test_a_packer_and_a_stranger_cannot_set_it(
    ben: Browser, carol: Browser, greenfield: Tenant
) -> None:
    assert ben.post("/greenfield/settings", data=WORDS | CLOSED).status_code == 403
    assert carol.post("/greenfield/settings", data=WORDS | CLOSED).status_code == 404
    with acting_for(greenfield.id):
        assert get_profile().notice_en == ""
