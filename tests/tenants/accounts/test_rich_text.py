"""What a cooperative writes is shown as text and a few harmless tags, whatever it wrote."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tenants.accounts import rich_text
from tenants.accounts.rich_text import ATTRIBUTES, TAGS, render_markdown, tidy_markdown

# Script by handler, by scheme, by confused parsers (mXSS), by SVG, MathML, style, and by Markdown.
CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;<img onerror=x()>\">",
    "<math><mi><table><mglyph><style><math><img src=x onerror=alert(1)>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<base href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example'</style>",
    "<div style='background:url(//evil.example)'>x</div>",
    "<p><textarea><img src=x onerror=alert(1)></textarea></p>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](<javascript:alert(1)>)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://evil.example/pixel.gif)",
    "![x](x\" onerror=\"alert(1))",
    "[x](https://a.example \"onmouseover=alert(1)\")",
    "[x](https://a.example\"onmouseover=\"alert(1))",
    "`<img src=x onerror=alert(1)>`",
    "```<script>\nalert(1)\n```",
    "```html onload=alert(1)\n<b>\n```",
    "**<b onclick=alert(1)>x</b>**",
    "# <img src=x onerror=alert(1)>",
    "[x](//evil.example) [y](/\\evil.example) [z](evil)",
    "a\u202ebc\u2066d\ufeff\x00e",
]  # fmt: skip


class Seen(HTMLParser):
    """Every tag and attribute that a browser would meet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, "", ""))
        self.found += [(tag, name, value or "") for name, value in attrs]

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", "", data))


def assert_harmless(html: str) -> None:
    for tag, name, value in Seen(html).found:
        assert tag in TAGS
        assert name in {"", "rel", *ATTRIBUTES.get(tag, set())}
        if name == "href":
            assert value.startswith(("http://", "https://", "mailto:", "tel:", "/"))
            assert not value.startswith(("//", "/\\"))


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_in_the_corpus_runs(text: str) -> None:
    html = render_markdown(text)

    assert_harmless(html)
    assert_harmless(render_markdown(str(html)))


@pytest.mark.parametrize("text", CORPUS)
def test_the_sanitiser_alone_is_enough(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = MarkdownIt("commonmark", {"html": True})
    monkeypatch.setattr(careless, "validateLink", lambda _url: True)
    monkeypatch.setattr(rich_text, "_reader", lambda **_: careless)

    assert_harmless(render_markdown(text))


def test_the_reader_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nh3.clean", lambda html, **_rules: html)

    for text in CORPUS:
        tags = {tag for tag, _name, _value in Seen(render_markdown(text)).found}
        assert tags <= TAGS
    assert "&lt;b onclick=alert(1)&gt;" in render_markdown("<b onclick=alert(1)>x</b>")


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_text_makes_more_than_the_short_list(text: str) -> None:
    assert_harmless(render_markdown(text))


def test_markdown_becomes_what_it_says() -> None:
    html = render_markdown(
        "# Fresh\n\n**Crisp** & *sweet*\n\n- one\n- two\n\n[Farm](https://a.example)"
    )

    assert "<h2>Fresh</h2>" in html
    assert "<strong>Crisp</strong> &amp; <em>sweet</em>" in html
    assert "<li>one</li>" in html
    assert '<a href="https://a.example" rel="noopener nofollow ugc">Farm</a>' in html


def test_a_link_may_lead_to_the_shops_own_pages() -> None:
    assert '<a href="/products/kale"' in render_markdown("[kale](/products/kale)")


def test_chinese_text_keeps_its_line_ends_and_its_links_end_where_they_should() -> None:
    html = render_markdown("现摘现卖\n**有机**，见https://a.example，谢谢")

    assert "现摘现卖<br>" in html
    assert "<strong>有机</strong>" in html
    assert 'href="https://a.example"' in html


def test_what_is_stored_hides_nothing() -> None:
    assert tidy_markdown("  a\r\nb\rc\u202e\x00\ufeff \n") == "a\nb\nc"
    assert len(tidy_markdown("果" * 20_000)) == 10_000
