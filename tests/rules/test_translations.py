"""Chinese is first-class: every sentence has its translation, with the same places to fill in."""

import importlib.util
import re
from types import ModuleType

import pytest

from tests.rules.test_house_rules import ROOT


@pytest.fixture(scope="module")
def translations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("collect", ROOT / "scripts/translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blanks(text: str) -> list[str]:
    return sorted(re.findall(r"{\w*}|%\(\w+\)[sd]", text))


def test_every_message_has_its_chinese(translations: ModuleType) -> None:
    done = {
        translations.key_of(message.id)
        for catalogue in translations.catalogues().values()
        for message in catalogue
        if message.id and message.string and all(message.string)
    }
    missing = {
        f"{path.relative_to(ROOT)}: {translations.key_of(message)}"
        for message, path in translations.used().items()
        if translations.key_of(message) not in done
    }
    assert missing == set(), "run scripts/translations and fill in what is new"


def test_no_catalogue_keeps_what_nobody_says(translations: ModuleType) -> None:
    said = {translations.key_of(message) for message in translations.used()}
    dead = {
        translations.key_of(message.id)
        for catalogue in translations.catalogues().values()
        for message in catalogue
        if message.id and translations.key_of(message.id) not in said
    }
    assert dead == set(), "run scripts/translations"


def test_a_translation_has_the_same_blanks(translations: ModuleType) -> None:
    wrong = [
        message.id
        for catalogue in translations.catalogues().values()
        for message in catalogue
        if message.id and isinstance(message.id, str) and message.string
        if blanks(message.id) != blanks(str(message.string))
    ]
    assert wrong == []


def test_no_text_has_a_percent_sign_that_formatting_would_trip_over(
    translations: ModuleType,
) -> None:
    """Templates format every message, so a lone % in a translation breaks the page."""
    tripping = [
        text
        for catalogue in translations.catalogues().values()
        for message in catalogue
        if message.id
        for text in (str(message.id), str(message.string))
        if re.search(r"%(?!\(\w+\)[sd]|%)", text)
    ]
    assert tripping == []


def test_one_sentence_has_one_translation(translations: ModuleType) -> None:
    """The rooms' catalogues are merged: two translations of one message would win by chance."""
    seen: dict[str, set[str]] = {}
    for catalogue in translations.catalogues().values():
        for message in catalogue:
            if message.id and message.string:
                said = seen.setdefault(translations.key_of(message.id), set())
                said.add(str(message.string))
    assert {message: said for message, said in seen.items() if len(said) > 1} == {}
