"""Settings are read once, whole, and production never starts half set."""

import pytest

from kernel.settings import SECRETS, SettingsError, read_settings

PRODUCTION = {
    "SHEAF_ENV": "production",
    "SHEAF_PUBLIC_SCHEME": "https",
    **{f"SHEAF_{name.upper()}": "s" * 40 for name in SECRETS},
    "SHEAF_MASTER_KEYS": "1:" + "k" * 40,
}


def test_development_needs_nothing() -> None:
    made = read_settings({})
    assert made.site_origin == "http://localhost:8000"
    assert made.app_origin == "http://app.localhost:8000"


def test_production_starts_when_everything_is_said() -> None:
    made = read_settings(PRODUCTION)
    assert made.production
    assert made.secure


@pytest.mark.parametrize("name", SECRETS)
def test_production_names_the_secret_that_is_missing(name: str) -> None:
    key = f"SHEAF_{name.upper()}"
    with pytest.raises(SettingsError, match=key):
        read_settings({k: v for k, v in PRODUCTION.items() if k != key})


@pytest.mark.parametrize(
    "wrong",
    [
        {"SHEAF_PUBLIC_SCHEME": "http"},
        {"SHEAF_SECRET_KEY": "short"},
        {"SHEAF_STRIPE_API_BASE": "http://127.0.0.1:8420"},
        {"SHEAF_STRIPE_SECRET_KEY": "sk_test_sandbox_platform"},
        {"SHEAF_MASTER_KEYS": "1:development-only-secret-never-used-in-production"},
        {"SHEAF_ENV": "prod"},
        {"SHEAF_TYPO": "1"},
        {"SHEAF_PROXY_HOPS": "one"},
    ],
)
def test_what_is_unsafe_or_unknown_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        read_settings(PRODUCTION | wrong)


def test_a_secret_is_never_printed() -> None:
    shown = repr(read_settings(PRODUCTION))
    assert "s" * 40 not in shown
    assert "k" * 40 not in shown


def test_the_usual_port_is_not_written() -> None:
    made = read_settings(
        PRODUCTION | {"SHEAF_PUBLIC_PORT": "443", "SHEAF_BASE_DOMAIN": "s.example"}
    )
    assert made.ops_origin == "https://ops.s.example"


@pytest.mark.parametrize("minutes", ["5", "29", "30", "1381", "1500"])
def test_a_window_that_stripe_would_refuse_stops_the_start(minutes: str) -> None:
    with pytest.raises(SettingsError, match="SHEAF_PAYMENT_WINDOW_MINUTES"):
        read_settings({"SHEAF_PAYMENT_WINDOW_MINUTES": minutes})
    assert read_settings({"SHEAF_PAYMENT_WINDOW_MINUTES": "31"}).payment_window_minutes == 31


def test_shops_do_not_write_from_the_platforms_domain() -> None:
    with pytest.raises(SettingsError, match="SHEAF_SHOP_MAIL_DOMAIN"):
        read_settings({
            "SHEAF_MAIL_FROM": "no-reply@x.example", "SHEAF_SHOP_MAIL_DOMAIN": "x.example",
        })  # fmt: skip
