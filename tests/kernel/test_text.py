"""What is typed and pasted is kept as it is seen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.text import tidy_line, tidy_text

HIDDEN = "\u200b\u200e\u202a\u202c\u202e\u2060\u2066\u2069\ufeff\u00ad\u3164\u2800\u115f\ufe00"


@pytest.mark.parametrize("char", HIDDEN)
def test_letters_that_hide_or_turn_the_line_are_dropped(char: str) -> None:
    assert tidy_line(f"Mi{char}lk") == "Milk"
    assert tidy_line(char * 3) == ""
    assert tidy_text(f"one\n{char}two") == "one\ntwo"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a\u00a0b\u202fc\u3000d\te ", "a b c d e"),
        ("a\r\nb\u2028c", "a b c"),
        ("Mu\u0308ller", "Müller"),
        ("\udc80x\x00y", "xy"),
        ("She\u200daf", "Sheaf"),
        ("\u200d", ""),
        ("合\u200c作社", "合作社"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("🌶\ufe0f", "🌶\ufe0f"),
        ("e" + "\u0301" * 40, unicodedata.normalize("NFC", "e\u0301") + "\u0301" * 4),
    ],
)
def test_one_line_is_kept_as_it_is_seen(typed: str, kept: str) -> None:
    assert tidy_line(typed) == kept


@given(st.text())
def test_tidied_text_is_tidy(text: str) -> None:
    for tidy in (tidy_line, tidy_text):
        once = tidy(text)
        assert tidy(once) == once
        assert not any(char in HIDDEN or char == "\x00" for char in once)
