"""What a good password is, and how it is kept: Argon2id, never anything that opens again."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from kernel.bulkhead import Bulkhead
from tenants.people.errors import (
    PasswordIsAboutYou,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)

LEAST = 10
MOST = 200
TELLING = 4  # letters of a name that must not be all there is to a password
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Two at a time leave the other threads' pages alone; a hash takes a few hundredths of a second.
HASHING = Bulkhead(2, wait_seconds=2)
COMMON = Path(__file__).parent / "common_passwords.txt"
LOOKS_LIKE = str.maketrans("0134578@$!", "oleastbasi")


def hash_password(password: str) -> str:
    """What is stored of a password. Refused: with TooBusy, while others are being hashed."""
    with HASHING.place():
        return HASHER.hash(_plain(password))


def password_fits(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long when there is no hash.
    Refused: with TooBusy, while others are being compared."""
    wanted = password_hash or nobodys_hash()
    try:
        with HASHING.place():
            return HASHER.verify(wanted, _plain(password)) and bool(password_hash)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def nobodys_hash() -> str:
    """A hash to compare with when nobody has the address."""
    return HASHER.hash("nobody has this password")


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(password_hash)


def check_password(password: str, *, about: Iterable[str]) -> None:
    """Refuse what is short, common, or made of words known about the person."""
    if len(password) < LEAST:
        raise PasswordTooShort(least=LEAST)
    if len(password) > MOST:
        raise PasswordTooLong(most=MOST)
    if _is_common(password):
        raise PasswordTooCommon
    if _is_about(password, about):
        raise PasswordIsAboutYou


def _plain(password: str) -> str:
    # The same characters typed on another keyboard are the same password (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password)[: MOST * 4]


@cache
def common_passwords() -> frozenset[str]:
    """The short offline list; see its first line for what it is."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_common(password: str) -> bool:
    small = _plain(password).lower()
    words = {small, re.sub(r"[\W\d_]+$", "", small), re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small)}
    words |= {word.translate(LOOKS_LIKE) for word in set(words)}
    halves = small[: len(small) // 2]
    few_characters = len(set(small)) < TELLING
    return (
        few_characters
        or small == halves * 2
        or _is_a_run(small)
        or bool(words & common_passwords())
    )


def _is_a_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1


def _is_about(password: str, about: Iterable[str]) -> bool:
    small = re.sub(r"[\W\d_]+", "", _plain(password).lower())
    rest = small
    for text in about:
        for word in re.split(r"[\W_]+", text.lower()):
            if len(word) >= TELLING or (word and not word.isascii()):
                rest = rest.replace(word, "")
    return len(rest) < TELLING and rest != small
