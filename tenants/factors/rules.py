"""Codes that prove who someone is: six digits from an app, or one of ten kept on paper.

What guessing brings: three steps of a million codes are good at a time, so a password that leaked
opens an account with a chance of 50 * 3 / 1,000,000, once, and its owner hears of it on the way.
"""

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta

import pyotp

from tenants.people.rules import Role

TOTP_DIGITS = 6
STEPS_EITHER_WAY = 1  # phones' clocks are off by up to half a minute
WRONG_AT_ONE_SIGN_IN = 5
ALARM_AT = 5  # wrong codes on one day
WRONG_ON_ONE_DAY = 10
WRONG_FOR_ONE_PASSWORD = 50
SIGN_IN_GOOD_FOR = timedelta(minutes=10)  # between password and code
SET_UP_GOOD_FOR = timedelta(minutes=30)
GRACE = timedelta(days=7)  # until a shop's rule holds for someone who has no second factor
RECOVERY_CODES = 10
RECOVERY_GROUPS = 3
RECOVERY_GROUP = 4
# Without the pairs that people mix up when they read from paper.
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_totp_secret() -> str:
    """160 random bits, in the base32 that apps read."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, email: str, issuer: str) -> str:
    """What an authenticator app scans; it holds the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def find_totp_step(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The 30-second step this code is for; None when it fits none later than `after`."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    steps = range(now - STEPS_EITHER_WAY, now + STEPS_EITHER_WAY + 1)
    fitting = [step for step in steps if _same(totp.generate_otp(step), code) and step > after]
    return fitting[0] if fitting else None


def _same(wanted: str, given: str) -> bool:
    return hmac.compare_digest(wanted.encode(), given.encode())


def new_recovery_codes() -> list[str]:
    """Ten codes such as "7hk2-m9xq-4dpw", about 59 bits each."""
    return [
        "-".join(
            "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_GROUP))
            for _ in range(RECOVERY_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]


def plain_code(typed: str) -> str:
    """A code without the spaces, hyphens, capitals and full-width figures that people type."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed).lower() if char.isalnum())


def is_totp(code: str) -> bool:
    """Whether a plain code is one from the app rather than from paper."""
    return len(code) == TOTP_DIGITS and code.isascii() and code.isdigit()


def may_guess(wrong_in_all: int, wrong_that_day: int) -> bool:
    """Whether one more code of the app is looked at."""
    return wrong_in_all < WRONG_FOR_ONE_PASSWORD and wrong_that_day < WRONG_ON_ONE_DAY


def factor_due(
    *, role: Role, joined_at: datetime, owners_since: datetime | None, all_since: datetime | None
) -> datetime | None:
    """From when on a shop lets someone in only with a second factor; None where it never asks."""
    asked = [all_since] + ([owners_since] if role is Role.OWNER else [])
    return min((max(since, joined_at) + GRACE for since in asked if since), default=None)
