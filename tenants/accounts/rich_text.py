"""Texts that cooperatives write in Markdown: kept as typed, shown as HTML from a short list.

Two nets, each enough alone: the Markdown reader turns any HTML in the text into plain letters,
and the sanitiser lets through only the tags below, whatever the reader made.
"""

from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from kernel.text import tidy_text

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}}
SCHEMES = {"http", "https", "mailto", "tel"}
LONGEST = 10_000
# The search for bare addresses looks again from every colon: its time grows with their square.
MOST_COLONS = 200
# Headings begin below the page's own title.
HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h5": "h4", "h6": "h4"}


def tidy_markdown(text: str) -> str:
    """The text as it is stored: tidied (kernel.text), and no longer than a page needs."""
    return tidy_text(text)[:LONGEST]


def render_markdown(text: str) -> Markup:
    """Safe HTML of a Markdown text: paragraphs, headings, lists, quotes, emphasis, code and links.

    Raw HTML is shown as the letters it is made of; pictures and other schemes are dropped.
    """
    return _rendered(tidy_markdown(text))


@lru_cache(maxsize=256)
def _rendered(text: str) -> Markup:
    made = _reader(links=text.count(":") <= MOST_COLONS).render(text)
    clean = nh3.clean(
        made,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative=_within_the_shop,
        link_rel="noopener nofollow ugc",
        strip_comments=True,
    )
    return Markup(clean)  # noqa: S704 - sanitised on the line above


@cache
def _reader(*, links: bool) -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": links, "breaks": True})
    reader.enable("linkify").disable(["image", "html_inline", "html_block"])
    assert reader.linkify is not None, "linkify-it-py is installed"
    # Bare words stay words: beside Chinese text a guess takes the sentence for a host name.
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    reader.core.ruler.push("lower_headings", _lower_headings)
    return reader


def _lower_headings(state: object) -> None:
    for token in getattr(state, "tokens", []):
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS.get(token.tag, token.tag)


def _within_the_shop(url: str) -> str | None:
    """A relative address only as a path of the same host."""
    return url if url.startswith("/") and url[1:2] not in {"/", "\\"} else None
