"""A shop's name, look, money, time and languages."""

import io

import pytest
from flask import Flask

from kernel.scope import acting_for
from tenants.accounts.models import ShopProfile, Tenant
from tenants.accounts.queries import get_profile
from tenants.audit.queries import list_entries
from tests.conftest import Browser
from tests.factories.pictures import picture

WORDS = {
    "name": "Greenfield",
    "about_en": "We grow **carrots**.",
    "about_zh": "我们种胡萝卜。",
    "contact_email": "hello@greenfield.example",
    "contact_phone": "+49 151 2345",
}
PLACE = {"currency": "EUR", "time_zone": "Europe/Vienna", "languages": ["en", "zh"], "first": "zh"}


def profile(tenant: Tenant) -> ShopProfile:
    with acting_for(tenant.id):
        return get_profile()


def actions(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        return [entry.action for entry in list_entries().rows if entry.action.startswith("shop.")]


def test_the_owner_says_who_they_are(ana: Browser, greenfield: Tenant, hillside: Tenant) -> None:
    assert ana.get("/greenfield/settings").status_code == 200
    assert ana.post("/greenfield/settings", data=WORDS).status_code == 303

    kept = profile(greenfield)
    assert (kept.name, kept.about_en) == ("Greenfield", "We grow **carrots**.")
    assert profile(hillside).name == "Hillside Farms"
    assert actions(greenfield) == ["shop.changed"]
    with acting_for(greenfield.id):
        entry = list_entries().rows[0]
    assert entry.actor_name == "Ana"
    assert entry.facts["fields"] == "about_en about_zh contact_email contact_phone name"
    assert "carrots" not in str(entry.facts)


def test_saving_the_same_again_leaves_no_trace(ana: Browser, greenfield: Tenant) -> None:
    for _ in range(2):
        ana.post("/greenfield/settings", data=WORDS)
    assert actions(greenfield) == ["shop.changed"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": " "}, "Enter a name"),
        ({"name": "x" * 121}, "120"),
        ({"contact_email": "hello"}, "Enter an e-mail address"),
        ({"about_en": "x" * 10_001}, "10000"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    ana: Browser, greenfield: Tenant, changed: dict[str, str], words: str
) -> None:
    answer = ana.post("/greenfield/settings", data=WORDS | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "我们种胡萝卜" in answer.text
    assert profile(greenfield).name == "Greenfield Growers"


def test_the_look_is_chosen_from_ours(ana: Browser, greenfield: Tenant) -> None:
    assert ana.get("/greenfield/settings/look").status_code == 200
    look = {"theme": "orchard", "accent": "pine"}
    assert ana.post("/greenfield/settings/look", data=look).status_code == 303
    assert profile(greenfield).theme == "orchard"

    for wrong in ({"theme": "url(//evil)"}, {"accent": "red;}body{display:none"}):
        assert ana.post("/greenfield/settings/look", data=look | wrong).status_code == 422
    assert profile(greenfield).accent == "pine"


def upload(ana: Browser, kind: str, stream: io.BytesIO) -> int:
    data = {f"{kind}-photo": (stream, "logo.jpg")}
    return ana.post(f"/greenfield/settings/pictures/{kind}", data=data).status_code


def test_a_logo_is_shown_and_taken_away(ana: Browser, greenfield: Tenant) -> None:
    assert upload(ana, "logo", picture()) == 303
    first = profile(greenfield).logo_id
    assert first is not None
    assert f"/media/{greenfield.id}/{first}/640.webp" in ana.get("/greenfield/settings/look").text

    assert upload(ana, "logo", picture(300, 300)) == 303
    assert profile(greenfield).logo_id != first
    answer = ana.post("/greenfield/settings/pictures/logo", data={"logo-remove": "y"})
    assert answer.status_code == 303
    assert profile(greenfield).logo_id is None
    assert actions(greenfield) == ["shop.logo_changed"] * 3


def test_what_is_no_picture_is_refused_at_its_field(ana: Browser, greenfield: Tenant) -> None:
    answer = ana.post(
        "/greenfield/settings/pictures/cover",
        data={"cover-photo": (io.BytesIO(b"<svg onload=alert(1)>"), "x.svg")},
    )
    assert answer.status_code == 422
    assert "cannot read this file" in answer.text
    assert ana.post("/greenfield/settings/pictures/cover").status_code == 422
    assert ana.post("/greenfield/settings/pictures/else").status_code == 404
    assert profile(greenfield).cover_id is None


def send_large(ana: Browser, path: str, name: str) -> int:
    """Three megabytes as a browser sends them; the test client would leave a file open."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="x.jpg"\r\n\r\n'
    body = head.encode() + picture().getvalue() + b"\0" * 3_000_000 + b"\r\n--x--\r\n"
    return ana.post(path, data=body, content_type="multipart/form-data; boundary=x").status_code


def test_only_upload_pages_take_large_forms(ana: Browser, greenfield: Tenant) -> None:
    assert send_large(ana, "/greenfield/settings/pictures/logo", "logo-photo") == 303
    assert profile(greenfield).logo_id is not None
    assert send_large(ana, "/greenfield/settings", "photo") == 413


def test_money_time_and_languages(ana: Browser, greenfield: Tenant) -> None:
    assert ana.get("/greenfield/settings/place").status_code == 200
    assert ana.post("/greenfield/settings/place", data=PLACE).status_code == 303
    kept = profile(greenfield)
    assert (kept.time_zone, kept.languages) == ("Europe/Vienna", ["zh", "en"])

    wrong: list[dict[str, object]] = [
        {"languages": []}, {"languages": ["xx"]}, {"currency": "XXX"}, {"time_zone": "../etc"},
    ]  # fmt: skip
    for one in wrong:
        answer = ana.post("/greenfield/settings/place", data=PLACE | one)
        assert answer.status_code == 422, one


def test_the_currency_stays_after_the_first_order(
    ana: Browser, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        ana.post("/greenfield/settings/place", data=PLACE | {"currency": "CHF"}).status_code == 303
    )
    monkeypatch.setattr("admin.backoffice.settings.has_orders", lambda: True)
    answer = ana.post("/greenfield/settings/place", data=PLACE | {"currency": "USD"})

    assert answer.status_code == 409
    assert "its currency stays" in answer.text
    assert profile(greenfield).currency == "CHF"


def test_a_packer_and_a_stranger_change_nothing(
    app: Flask, ben: Browser, carol: Browser, greenfield: Tenant
) -> None:
    for path in ("settings", "settings/look", "settings/place", "settings/pictures/logo"):
        assert ben.post(f"/greenfield/{path}", data=WORDS).status_code == 403
        assert carol.post(f"/greenfield/{path}", data=WORDS).status_code == 404
    assert profile(greenfield).name == "Greenfield Growers"
