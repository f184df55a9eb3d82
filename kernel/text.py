"""Typed and pasted text as it is kept: what is seen is what is there.

Letters that hide, or turn the reading direction of what follows, are dropped; every kind of space
is a space; the same letter has one spelling (NFC). A text of nothing but such letters is empty.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable

# Shown as nothing, though Unicode does not call them format characters.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE0F)])
)
_JOINERS = "\u200c\u200d"
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Scripts whose letters never need a joiner: between them it only tells two equal words apart.
_WITHOUT_JOINERS = (
    "LATIN", "CJK", "DIGIT", "FULLWIDTH", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "HANGUL",
)  # fmt: skip
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
MOST_MARKS = 4  # stacked on one letter; no language needs more
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_STACKED = re.compile(f"({_MARK}{{{MOST_MARKS}}}){_MARK}+")


def tidy_text(text: str) -> str:
    """A text of several lines, with its line ends as \\n and nothing at its ends."""
    seen = _drop_hidden(_BREAKS.sub("\n", unicodedata.normalize("NFC", text)))
    return _drop_joiners(_STACKED.sub(r"\1", seen)).strip()


def tidy_line(text: str) -> str:
    """A text of one line, its words one space apart."""
    return " ".join(tidy_text(text).split())


def _drop_hidden(text: str) -> str:
    if text.isprintable() and _BLANKS.isdisjoint(text):
        return text
    return "".join(" " if _is_space(char) else char for char in text if not hides(char))


def hides(char: str) -> bool:
    """Whether a character shows nothing of its own. Joiners are judged by what they join."""
    if char in "\n\t" or char in _JOINERS:
        return False
    return char in _BLANKS or unicodedata.category(char) in _HIDDEN_KINDS


def _is_space(char: str) -> bool:
    return char == "\t" or unicodedata.category(char) == "Zs"


def _drop_joiners(text: str) -> str:
    if not any(joiner in text for joiner in _JOINERS):
        return text
    kept: list[str] = []
    for place, char in enumerate(text):
        after = text[place + 1] if place + 1 < len(text) else " "
        if char not in _JOINERS or (kept and _is_joined(kept[-1]) and _is_joined(after)):
            kept.append(char)
    return "".join(kept)


def _is_joined(char: str) -> bool:
    if char.isspace() or char in _JOINERS or char.isascii():
        return False
    return not unicodedata.name(char, "").startswith(_WITHOUT_JOINERS)


def fingerprint(thing: object, names: Iterable[str]) -> str:
    """The same while these attributes are: what a form carries of what it showed, so that saving
    over another's change is noticed where a thing has no version."""
    said = [[name, getattr(thing, name)] for name in sorted(names)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
