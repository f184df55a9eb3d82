"""Settings come from SHEAF_* once, into one frozen value. Production refuses to start half set."""

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT_SECRET = "development-only-secret-never-used-in-production"  # noqa: S105 - refused there


class SettingsError(RuntimeError):
    """A setting is missing or wrong; the sentence says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """Every setting, with its default for development. `.env.example` lists them all."""

    env: str = "development"
    secret_key: str = field(default=DEVELOPMENT_SECRET, repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    master_keys: tuple[str, ...] = field(default=(f"1:{DEVELOPMENT_SECRET}",), repr=False)
    instance_dir: str = str(ROOT / "instance")
    base_domain: str = "localhost"
    shops_domain: str = "shops.localhost"
    public_port: int | None = 8000
    public_scheme: str = "http"
    proxy_hops: int = 0
    database_url: str = field(default="", repr=False)
    owner_database_url: str = field(default="", repr=False)
    staff_database_url: str = field(default="", repr=False)
    relay_database_url: str = field(default="", repr=False)
    database_pool: int = 8
    redis_url: str = field(default="", repr=False)
    stripe_secret_key: str = field(default="sk_test_sandbox_platform", repr=False)
    stripe_api_base: str = ""
    stripe_webhook_secrets: tuple[str, ...] = field(default=("whsec_sandbox_platform",), repr=False)
    stripe_connect_webhook_secrets: tuple[str, ...] = field(
        default=("whsec_sandbox_connect",), repr=False
    )
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "no-reply@sheaf.localhost"
    shop_mail_domain: str = ""
    media_url: str = ""
    metrics_token: str = field(default="", repr=False)
    log_format: str = "console"
    payment_window_minutes: int = 35

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def secure(self) -> bool:
        """Whether pages travel over HTTPS, so that cookies may carry the __Host- prefix."""
        return self.public_scheme == "https"

    @property
    def instance(self) -> Path:
        return Path(self.instance_dir)

    def origin(self, host: str) -> str:
        """The address people type for a host of ours, from settings only, never from a request."""
        usual = {"http": 80, "https": 443}[self.public_scheme]
        port = "" if self.public_port in (None, usual) else f":{self.public_port}"
        return f"{self.public_scheme}://{host}{port}"

    @property
    def shops_write_from(self) -> str:
        """The domain of the shops' own mail addresses; never the platform's."""
        return self.shop_mail_domain or self.shops_domain

    @property
    def site_origin(self) -> str:
        return self.origin(self.base_domain)

    @property
    def app_origin(self) -> str:
        return self.origin(f"app.{self.base_domain}")

    @property
    def ops_origin(self) -> str:
        return self.origin(f"ops.{self.base_domain}")


def read_settings(environ: dict[str, str]) -> Settings:
    """Settings from an environment; raises SettingsError that names what is missing or unknown."""
    known = {f"SHEAF_{item.name.upper()}": item for item in fields(Settings)}
    unknown = [name for name in environ if name.startswith("SHEAF_") and name not in known]
    if unknown:
        raise SettingsError(f"Unknown setting {unknown[0]}; .env.example lists the known ones.")
    values: dict[str, object] = {}
    for name, item in known.items():
        if name in environ:
            values[item.name] = _convert(name, environ[name], item.type)
    made = Settings(**values)  # type: ignore[arg-type]  # converted by the field's own type above
    check(made, explicit=set(values))
    return made


def _convert(name: str, text: str, kind: object) -> object:
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind in (int, int | None):
        if kind == int | None and not text:
            return None
        if not re.fullmatch(r"\d{1,9}", text):
            raise SettingsError(f"{name} must be a whole number, not {text!r}.")
        return int(text)
    return text


SECRET_LENGTH = 32
SHORTEST_WINDOW, LONGEST_WINDOW = 31, 23 * 60
SECRETS = (
    "secret_key", "master_keys", "database_url", "staff_database_url", "relay_database_url",
    "redis_url", "stripe_secret_key", "stripe_webhook_secrets", "stripe_connect_webhook_secrets",
    "smtp_url", "metrics_token",
)  # fmt: skip


def check(made: Settings, *, explicit: set[str]) -> None:
    """Refuse settings that contradict each other; in production also any missing secret."""
    if made.env not in {"development", "test", "production"}:
        raise SettingsError("SHEAF_ENV must be development, test or production.")
    if made.public_scheme not in {"http", "https"}:
        raise SettingsError("SHEAF_PUBLIC_SCHEME must be http or https.")
    if not SHORTEST_WINDOW <= made.payment_window_minutes <= LONGEST_WINDOW:
        raise SettingsError(
            f"SHEAF_PAYMENT_WINDOW_MINUTES must be between {SHORTEST_WINDOW} and {LONGEST_WINDOW}: "
            "Stripe keeps a page open for half an hour at least, and for less than a day."
        )
    if made.shops_write_from == made.mail_from.rpartition("@")[2]:
        raise SettingsError(
            "SHEAF_SHOP_MAIL_DOMAIN must differ from the domain of SHEAF_MAIL_FROM."
        )
    if made.production:
        _check_production(made, explicit)


def _check_production(made: Settings, explicit: set[str]) -> None:
    missing = [name for name in SECRETS if name not in explicit or not getattr(made, name)]
    if missing:
        raise SettingsError(f"Production needs SHEAF_{missing[0].upper()}.")
    if made.stripe_api_base or "sandbox" in made.stripe_secret_key:
        raise SettingsError("The Stripe sandbox is for development; unset SHEAF_STRIPE_API_BASE.")
    if DEVELOPMENT_SECRET in made.secret_key or any(
        DEVELOPMENT_SECRET in k for k in made.master_keys
    ):
        raise SettingsError(
            "Production needs secrets of its own: SHEAF_SECRET_KEY, SHEAF_MASTER_KEYS."
        )
    if len(made.secret_key) < SECRET_LENGTH:
        raise SettingsError("SHEAF_SECRET_KEY needs at least 32 characters.")
    if made.public_scheme != "https":
        raise SettingsError("Production is served over HTTPS: set SHEAF_PUBLIC_SCHEME=https.")


_active: Settings | None = None


def settings() -> Settings:
    """The settings of this process, read from the environment at first use."""
    global _active  # noqa: PLW0603 - read once per process is the point
    if _active is None:
        _active = read_settings(dict(os.environ))
    return _active


def use(made: Settings) -> None:
    """Make these the settings of this process; create_app and tests decide them."""
    global _active  # noqa: PLW0603 - see settings()
    _active = made
