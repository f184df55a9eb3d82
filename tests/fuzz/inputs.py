"""What nobody types, and how hard to try."""

import io
import os
from urllib.parse import urljoin, urlsplit

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from werkzeug.test import TestResponse

from tests.rules.routes_headers import flaws
from tests.world.cast import HOSTS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
ODD = [
    "", " ", "\x00", "a\x00b", "\x1b[2J", "\r\nSet-Cookie: mid=x", "\u202egnp.exe", "\ufeff",
    "\ufffd", "𝔘𝔫𝔦", "👩‍🌾", "السلام عليكم", "i̇", "ß" * 300, "字" * 5000, "a" * 20_001, "'",
    "';--", "%", "_%", "\\", "{{7*7}}", "{0}", "{left}", "%(num)s", "%s%n",
    "<script>alert(1)</script>", "<!--", "]]>", "0", "-1", "-0", "1e9", "1e400", "NaN",
    "Infinity", "0x10", "٣", "１", "1,5", "1.2345", "9" * 40, "1" + "0" * 19,
    "-9223372036854775809", "true", "null", "None", "[]", "2026-02-30", "0000-00-00",
    "99999-01-01", "25:61", "00000000-0000-0000-0000-000000000000", "../../etc/passwd",
    "//evil.test", "https://evil.test/", "mailto:x", "a@b", "a@b.c\r\nBcc: x@y.z",
    "=cmd|' /C calc'!A0", "en", "zh", "zh-Hant-TW", "EUR", "Europe/Berlin", "Mars/Olympus", "kg",
    "published", "owner", "stripe", "on",
]  # fmt: skip
texts = some.sampled_from(ODD) | some.text(max_size=80)
# What a URL may carry: any bytes, each in its percent form.
bytes_in_urls = some.binary(max_size=12).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw))
NOBODY = "evil.test"


def effort(examples: int) -> settings:
    """So many inputs, or as many as were asked for. Only then is a failure made smaller."""
    return settings(
        phases=list(Phase) if EXAMPLES else [Phase.explicit, Phase.generate],
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def a_file(content: bytes) -> tuple[io.BytesIO, str]:
    """Something to upload."""
    return io.BytesIO(content), "photo.jpg"


def faults(answer: TestResponse, surface: str) -> list[str]:
    """What no input may lead to."""
    found = list(flaws(answer))
    if answer.status_code >= 500:
        found.append(f"failed with {answer.status_code}")
    if b"Traceback (most recent call last)" in answer.data:
        found.append("shows a trace")
    if answer.location and not stays(answer.location, surface):
        found.append(f"leads to {answer.location}")
    return found


def stays(location: str, surface: str, others: tuple[str, ...] = ("127.0.0.1",)) -> bool:
    """Whether a browser that follows this stays with us, or goes to Stripe's page."""
    # Browsers take a backslash for a slash and leave out tabs and line ends.
    plain = location.replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\r\n")))
    host = urlsplit(urljoin(f"http://{HOSTS[surface]}/a/b", plain.strip())).hostname
    return host in {*HOSTS.values(), *others}
