"""Names in two languages, the address made of them and their place in a sorted list."""

import re
import unicodedata
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

SLUG_LENGTH = 60


@dataclass(frozen=True)
class Names:
    """What something is called, or said about it, in the two languages of a shop."""

    en: str = ""
    zh: str = ""

    def in_language(self, language: str) -> str:
        """In "zh" or "en", or in the other language while that one is missing."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


def plain_letters(text: str) -> str:
    """Lower case without accents, wide forms or ligatures: Ａpfél is apfel."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def make_slug(names: Names, *, otherwise: str) -> str:
    """A readable part of an address, from the English name or from the Chinese one's pinyin."""
    spoken = " ".join(lazy_pinyin(plain_letters(names.in_language("en"))))
    words = re.findall(r"[a-z0-9]+", spoken)
    return "-".join(words)[:SLUG_LENGTH].strip("-") or otherwise


def sort_key(name: str) -> str:
    """What puts Chinese names in the order of their pinyin and tones, and others by letter."""
    spoken = lazy_pinyin(plain_letters(name), style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(spoken)
