"""Which cookies of a request are believed: ours, each once, however the header was written."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.headers import COOKIES, known_cookies
from tests.conftest import Browser
from tests.factories.tenants import make_person, sign_in_token


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("mid=abc", "mid=abc"),
        ("a=1; mid=abc; b=2", "mid=abc"),
        ("mid=abc; sid=x", "mid=abc; sid=x"),
        ("mid=abc; mid=evil", ""),
        ("mid=abc; MID=evil", "mid=abc"),
        ('a="; mid=evil; b="; mid=abc', ""),
        ('mid="abc"', ""),
        ("mid", ""),
        ("mid=", "mid="),
        ("=mid", ""),
        ("=x; mid=abc", "mid=abc"),
        ("mid=abc;", "mid=abc"),
        (";;;mid=abc;;", "mid=abc"),
        (" mid=abc ", "mid=abc"),
        ("mid =abc", ""),
        ("__Host-mid=abc", ""),
        ("xmid=abc; midx=abc", ""),
        ("a=" + "x" * 9000 + "; mid=abc", ""),
        ("session=.eJw; remember_token=1|x; mid=abc", "mid=abc"),
    ],
)
def test_only_our_own_cookies_are_believed(header: str, kept: str) -> None:
    assert known_cookies(header) == kept


PIECES = st.sampled_from(
    [
        "mid=a",
        "mid=b",
        "sid=c",
        '"',
        ";",
        "; ",
        "=",
        "x=1",
        "MID=d",
        "\\",
        ",",
        "\x00",
        "é",
        " ",
        "$Path=/",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=20).map("".join)))
@example('mid="a;mid=b')
def test_any_header_leaves_each_cookie_once_or_never(header: str) -> None:
    kept = known_cookies(header)
    names = [part.partition("=")[0] for part in kept.split("; ") if part]

    assert len(names) == len(set(names))
    assert set(names) <= set(COOKIES)
    assert '"' not in kept
    assert known_cookies(kept) == kept


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=100))
def test_no_header_breaks_a_page(app: Flask, header: str) -> None:
    with app.test_client() as client:
        answer = client.get(
            "/sign-in", base_url="http://app.sheaf.test",
            headers={"Cookie": header.encode("latin-1").decode("latin-1")},
        )  # fmt: skip
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("mid={token}", 200),
        ("mid={token}; mid=evil", 303),
        ("mid=evil; mid={token}", 303),
        ('x="; mid={token}; y="', 200),
        ("sid={token}", 303),
        ("pid={token}", 303),
    ],
)
def test_a_siblings_cookie_signs_nobody_in(app: Flask, header: str, status: int) -> None:
    browser = Browser(app, use_cookies=False)
    browser.base_url = "http://app.sheaf.test"
    token = sign_in_token(make_person("Dana"))
    answer = browser.get("/account", headers={"Cookie": header.format(token=token)})

    assert answer.status_code == status


def test_the_parser_behind_sees_what_we_kept() -> None:
    parsed: SimpleCookie = SimpleCookie(known_cookies('a="x; mid=evil"; mid=abc; sid=1'))
    assert {name: morsel.value for name, morsel in parsed.items()} in (
        {"sid": "1"},
        {"sid": "1", "mid": "abc"},
    )
