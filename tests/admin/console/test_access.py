"""Only Sheaf's staff open the console, and only on its own host."""

import pytest

from tests.conftest import Browser

PATHS = (
    "/", "/tenants/", "/people/", "/orders/", "/payments/", "/refunds/", "/usage/",
    "/provider-events/", "/jobs/", "/mails/", "/audit/", "/search/?q=green", "/account/",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_led_to_sign_in(stranger: Browser, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_in_both_languages(console: Browser, path: str, language: str) -> None:
    answer = console.get(path, query_string={"lang": language} if "?" not in path else None)
    assert answer.status_code == 200, answer.text
    assert "Dora" in answer.text
