"""How mails leave: settings for Flask-Mailman, and what may stand in a header."""

import re
from email.utils import formataddr
from urllib.parse import unquote, urlsplit

from kernel.settings import Settings, settings

TIMEOUT_SECONDS = 20
PORTS = {"smtp": 587, "smtps": 465}


def mail_config(made: Settings) -> dict[str, object]:
    """Flask-Mailman's settings: SMTP where SHEAF_SMTP_URL says so, memory in tests, else files."""
    config: dict[str, object] = {
        "MAIL_DEFAULT_SENDER": made.mail_from,
        "MAIL_TIMEOUT": TIMEOUT_SECONDS,
        "MAIL_FILE_PATH": str(made.instance / "mail"),
        "MAIL_BACKEND": "locmem" if made.env == "test" else "tenants.mail.folder",
    }
    return config | _smtp(made.smtp_url) if made.smtp_url else config


def _smtp(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    assert parts.scheme in PORTS, "SHEAF_SMTP_URL starts with smtp:// or smtps://"
    return {
        "MAIL_BACKEND": "smtp",
        "MAIL_SERVER": parts.hostname or "localhost",
        "MAIL_PORT": parts.port or PORTS[parts.scheme],
        "MAIL_USERNAME": unquote(parts.username or "") or None,
        "MAIL_PASSWORD": unquote(parts.password or "") or None,
        "MAIL_USE_SSL": parts.scheme == "smtps",
        # Plain only towards a relay on this machine; a password never travels unencrypted.
        "MAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in {"localhost", "127.0.0.1"},
    }


def one_line(text: str) -> str:
    """A text that fits into a header: no line ends, no control characters."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def sender(from_name: str, address: str) -> str:
    """The From header: a name before the address that it writes from."""
    return formataddr((one_line(from_name), address)) if from_name else address


def message_id(mail_id: object, address: str) -> str:
    """The same for every delivery of one mail, so that a receiver can drop the second."""
    return f"<{mail_id}@{address.rpartition('@')[2]}>"


def shop_address(slug: str) -> str:
    """What a shop writes from: an address of its own, on a domain that the platform never uses."""
    return f"{slug}@{settings().shops_write_from}"


# What mail programs make links of: a scheme with its colon, and a dot inside the name of a host.
_COLON = re.compile(
    r"(?<=[a-z0-9+.-]):(?=//)|(?:(?<=mailto)|(?<=tel)|(?<=sms)):(?=\S)", re.IGNORECASE
)
_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_]{2})|(?<=www)\.(?=\S)", re.IGNORECASE)


def defang(text: str) -> str:
    """The text with nothing in it that a mail program would turn into a link, and still readable:
    hxxps, as in reports of phishing, is not needed, since https[:]//evil[.]example links nowhere.
    """
    return _DOT.sub("[.]", _COLON.sub("[:]", text))
