"""Any host, path, query and cookie: a page, or a refusal in words."""

import re
from itertools import cycle, islice
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from kernel.web import canonical_host
from tests.browsers import browse
from tests.fuzz.inputs import ODD, bytes_in_urls, effort, faults, texts
from tests.world.cast import AT_HOME, HOSTS, come
from tests.world.routes import Place, calls
from tests.world.story import World

HARD = {"app": 150, "shop": 100, "site": 40, "ops": 100}
QUERIES = [
    "page", "tab", "q", "lang", "next", "code", "quantity", "category", "state", "shop_name",
    "slug", "to", "subject", "sort", "flt1_0", "search", "page_size", "month", "time_zone",
    "from", "kind",
]  # fmt: skip
MEANT = "greenfield.shops.test"
PIECES = [
    "greenfield", "GREENFIELD", "hillside", ".", "..", "shops.test", "sheaf.test", "app.", ":",
    ":80", ":99999", "@", "/", "\\", "#", "?", ",", " ", "\t", "[::1]", "127.0.0.1", "evil.test",
    "xn--", "é", "%00", "\x00", "_", "-", "localhost",
]  # fmt: skip
hosts = some.lists(some.sampled_from(PIECES), max_size=6).map("".join) | some.text(
    some.characters(max_codepoint=255), max_size=300
)


@effort(150)
@given(hosts)
def test_any_host_is_one_of_ours_or_nobodys(app: Flask, world: World, host: str) -> None:
    answer = browse(app, "sheaf.test").get("/", environ_overrides={"HTTP_HOST": host})
    ours = canonical_host(host) in {*HOSTS.values(), "hillside.shops.test"}
    assert (answer.status_code != 404) == ours
    assert "evil.test" not in answer.text + str(answer.headers)
    assert not [fault for fault in faults(answer, "site") if not fault.startswith("leads")]


@effort(40)
@given(
    some.lists(some.booleans(), min_size=len(MEANT), max_size=len(MEANT)),
    some.sampled_from(["", "."]),
    some.sampled_from(["", ":80", ":8000", ":65535"]),
)
def test_a_host_is_the_same_however_it_is_written(
    app: Flask, world: World, upper: list[bool], dot: str, port: str
) -> None:
    written = "".join(c.upper() if up else c for c, up in zip(MEANT, upper, strict=True))
    answer = browse(app, "sheaf.test").get(
        "/", environ_overrides={"HTTP_HOST": written + dot + port}
    )
    assert answer.status_code == 200
    assert "Greenfield Growers" in answer.text
    assert f"{MEANT}{port or ':80'}" not in answer.text


@effort(60)
@given(some.sampled_from(["X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Host"]), hosts)
def test_no_other_header_says_whose_host_it_is(
    app: Flask, world: World, name: str, host: str
) -> None:
    key = "HTTP_" + name.upper().replace("-", "_")
    answer = browse(app, MEANT).get("/", environ_overrides={key: host})
    assert answer.status_code == 200
    assert "evil.test" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_part_of_a_path_breaks_it(surface: str, world: World, app: Flask) -> None:
    rules = sorted({(c.rule.rule, c.method) for c in calls(app, surface) if c.rule.arguments})
    if not rules:
        return
    segment = texts.map(lambda text: quote(text, safe="")) | bytes_in_urls

    @effort(HARD[surface])
    @given(some.data())
    def check(data: some.DataObject) -> None:
        rule, method = data.draw(some.sampled_from(rules))
        path = re.sub(r"<slug>(?=/)", "greenfield", rule)
        path = re.sub(r"<[^>]+>", lambda _found: data.draw(segment), path)
        answer = come(app, world, AT_HOME[surface][0], surface).open(path, method=method)
        assert faults(answer, surface) == []

    check()


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_query_breaks_a_page(surface: str, world: World, app: Flask) -> None:
    own = Place(world, world.greenfield, world.greenfield)
    pages = [call for call in calls(app, surface) if call.reads]
    names = some.sampled_from(QUERIES) | texts
    values = texts.map(lambda text: quote(text, safe="")) | bytes_in_urls

    @effort(HARD[surface])
    @given(some.data())
    def check(data: some.DataObject) -> None:
        call = data.draw(some.sampled_from(pages))
        given_names = data.draw(some.lists(names, min_size=1, max_size=4))
        query = "&".join(f"{quote(name, safe='')}={data.draw(values)}" for name in given_names)
        browser = come(app, world, AT_HOME[surface][0], surface)
        answer = browser.get(f"{call.address(app, own)}?{query}")
        if call.rule.endpoint != "health.ready":
            assert faults(answer, surface) == []

    check()


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_odd_text_breaks_what_a_page_is_asked_for(
    surface: str, world: World, app: Flask
) -> None:
    """Each page with a few of the odd texts, each under every name at once."""
    own = Place(world, world.greenfield, world.greenfield)
    browser = come(app, world, AT_HOME[surface][0], surface)
    few = cycle([odd for odd in ODD if len(odd) < 1000])
    for call in calls(app, surface):
        if not call.reads or call.rule.endpoint == "health.ready":
            continue
        for odd in islice(few, 7):
            query = "&".join(f"{name}={quote(odd)}" for name in QUERIES)
            answer = browser.get(f"{call.address(app, own)}?{query}")
            assert faults(answer, surface) == [], (str(call), odd)


@pytest.mark.parametrize("surface", AT_HOME)
def test_no_cookie_breaks_a_page_or_signs_anyone_in(surface: str, world: World, app: Flask) -> None:
    """Ana's, Mia's and staff's pages stay closed to any header that was not given to them."""
    names = some.sampled_from(["mid", "sid", "pid", "form", "lang", "MID", "__Host-mid", "x"])
    values = some.text(some.characters(max_codepoint=255), max_size=120) | some.sampled_from(
        ["zh", "en", "a" * 43, "A" * 5000, '"', "e30.e30.e30", ".eJwrBAA.x.y"]
    )
    headers = some.lists(some.tuples(names, values), max_size=5).map(
        lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs)
    ) | some.text(some.characters(max_codepoint=255), max_size=300)
    path = {"site": "/", "app": "/account", "ops": "/tenants/", "shop": "/account"}[surface]

    @effort(60)
    @given(headers)
    def check(header: str) -> None:
        answer = browse(app, HOSTS[surface]).get(path, environ_overrides={"HTTP_COOKIE": header})
        assert faults(answer, surface) == []
        assert answer.status_code == (200 if surface == "site" else 303)

    check()
