"""Words that find a product: Chinese characters and pairs, pinyin, its initials, word beginnings.

Everything is cut down to letters, digits and Chinese characters, so nothing a person types can
mean anything to the database.
"""

import itertools
import re
from collections.abc import Iterable, Iterator

from pypinyin import Style, pinyin

from storefront.catalog.rules.naming import plain_letters

CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUNS = re.compile(rf"[{CHINESE}]+|[^\W_{CHINESE}]+")
IS_CHINESE = re.compile(rf"[{CHINESE}]")
MAX_TEXT = 300
MAX_QUERY = 60
MAX_WORDS = 8
READINGS = 8  # of one run of characters that can be read in several ways
SPOKEN = 12  # syllables that one word of pinyin may have


def search_terms(texts: Iterable[str]) -> str:
    """The lexemes of some texts, separated by spaces: what the `search` column holds."""
    found: set[str] = set()
    for text in texts:
        for run in _runs(text, MAX_TEXT):
            found.update(_terms_of(run))
    return " ".join(sorted(found))


def search_query(text: str) -> str:
    """What must match, in the text form of a tsquery; empty when nothing can be searched for.

    Every word must be found; a word of letters or digits may be the beginning of a longer one.
    """
    runs = list(_runs(text, MAX_QUERY))[:MAX_WORDS]
    return " & ".join(word for run in runs for word in _asked(run))


def _runs(text: str, most: int) -> Iterator[str]:
    # Cut again after folding: one character may become eighteen, and a lexeme has 2,046 bytes.
    return (found.group() for found in RUNS.finditer(plain_letters(text[:most])[:most]))


def _terms_of(run: str) -> Iterator[str]:
    yield run
    if not IS_CHINESE.match(run):
        return
    yield from run
    yield from map("".join, itertools.pairwise(run))
    readings = pinyin(run, style=Style.NORMAL, heteronym=True)
    for syllables in itertools.islice(itertools.product(*readings), READINGS):
        for start in range(len(syllables)):
            spoken = syllables[start : start + SPOKEN]
            yield "".join(spoken)
            yield "".join(syllable[0] for syllable in spoken)


def _asked(run: str) -> Iterator[str]:
    if not IS_CHINESE.match(run):
        yield f"'{run}':*"
    elif len(run) == 1:
        yield f"'{run}'"
    else:
        yield from (f"'{pair}'" for pair in map("".join, itertools.pairwise(run)))
