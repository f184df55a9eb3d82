import re
from types import SimpleNamespace

import pytest

from tests.kernel.ui.conftest import Render

COLUMNS = [
    {"key": "number", "label": "Order", "role": "lead"},
    {"key": "state", "label": "State", "role": "corner"},
    {"key": "total", "label": "Total", "align": "right"},
]
LIST = """{% call(row, key) list_page("Orders", columns, rows, page, "NOTHING HERE", tab_items=tabs,
  tab="ready", search="Name or number", bulk=bulk) %}{{ row[key] }}{% endcall %}"""
ROWS = [{"number": "1042", "state": "Ready", "total": "€ 3", "pick": "PICK"}]
TABS = [{"key": "ready", "label": "Ready", "count": 0}, {"key": "all", "label": "All"}]


def show_list(render: Render, page: SimpleNamespace, at: str = "/list", **changes: object) -> str:
    context = {"columns": COLUMNS, "rows": ROWS, "page": page, "tabs": TABS, "bulk": None}
    return render(LIST, "list:list_page", at, **(context | changes))


def test_each_cell_of_a_table_carries_its_heading_for_the_cards_of_phones(
    render: Render, page: SimpleNamespace
) -> None:
    shown = show_list(render, page)

    assert 'class=" lead-cell" data-label="Order">1042</td>' in shown
    assert 'class=" corner" data-label="State">Ready</td>' in shown
    assert 'class="right" data-label="Total">€ 3</td>' in shown
    assert "PICK" not in shown


def test_turning_the_page_keeps_search_and_tab(render: Render, page: SimpleNamespace) -> None:
    shown = show_list(render, page, at="/list?q=%E8%8B%B9%E6%9E%9C&tab=ready&page=2")

    assert 'href="?q=%E8%8B%B9%E6%9E%9C&amp;tab=ready&amp;page=3"' in shown
    assert "25 to 48 of 60" in shown
    assert 'value="苹果"' in shown
    assert '<input type="hidden" name="tab" value="ready">' in shown


@pytest.mark.parametrize(
    "query",
    ["_external=1&_scheme=javascript", "endpoint=x&slug=y", 'q="><script>alert(1)</script>'],
)
def test_a_hostile_address_stays_within_the_links(
    render: Render, page: SimpleNamespace, query: str
) -> None:
    shown = show_list(render, page, at=f"/list?{query}")

    assert "<script>" not in shown
    assert all(link.startswith("?") for link in re.findall(r'href="([^"]*)"', shown))


def test_a_count_of_zero_is_shown_and_a_missing_one_is_not(
    render: Render, page: SimpleNamespace
) -> None:
    shown = show_list(render, page)

    assert 'aria-current="page">Ready <span class="count">0</span></a>' in shown
    assert re.search(r'href="\?tab=all">All</a>', shown)


def test_an_empty_list_shows_what_will_be_here_instead_of_a_table(
    render: Render, page: SimpleNamespace
) -> None:
    page.total = 0
    shown = show_list(render, page, rows=[])

    assert "NOTHING HERE" in shown
    assert "<table" not in shown
    assert "pager" not in shown


def test_rows_can_be_picked_for_a_bulk_action(render: Render, page: SimpleNamespace) -> None:
    bulk = {"url": "/orders/ready", "name": "do", "actions": [("ready", "Mark ready")]}
    shown = show_list(render, page, bulk=bulk)

    assert '<td class="pick">PICK</td>' in shown
    assert 'action="/orders/ready"' in shown
    assert 'name="csrf_token"' in shown
    assert (
        '<button class="btn btn-sm btn-secondary" type="submit" name="do" value="ready">Mark ready'
        in shown
    )


def test_a_chart_says_the_same_numbers_in_a_table(render: Render) -> None:
    points = [
        {"label": "Mon", "value": 0, "words": "€ 0"},
        {"label": "Tue", "value": 12, "words": "€ 12"},
    ]
    shown = render(
        '{{ bar_chart("Sales", points, "Day", "Sum") }}', "chart:bar_chart", points=points
    )

    assert 'role="img" aria-label="Sales"' in shown
    assert '<td>Tue</td><td class="right">€ 12</td>' in shown
    assert 'height="112.0"' in shown


def test_a_week_without_sales_still_draws(render: Render) -> None:
    points = [{"label": "Mon", "value": 0, "words": "€ 0"}]
    shown = render('{{ bar_chart("x", points, "a", "b") }}', "chart:bar_chart", points=points)
    assert 'height="0.0"' in shown


def test_a_stepper_works_by_typing_and_names_what_it_counts(render: Render) -> None:
    shown = render('{{ stepper("Carrots", "1.25", "0.25", "kg", maximum="9") }}', "stepper:stepper")

    assert 'type="number" inputmode="decimal" name="quantity" value="1.25" step="0.25"' in shown
    assert 'min="0" max="9" aria-label="Quantity of Carrots"' in shown
    assert shown.count('<button type="button" class="needs-js"') == 2


def test_a_stepper_form_without_scripts_has_a_button_that_saves(render: Render) -> None:
    shown = render(
        '{% call stepper_form("/cart", "Eggs", "6", "1", "each", "Update", target="#line") %}'
        '<input name="line" value="7">{% endcall %}',
        "stepper:stepper_form",
    )

    assert '<button class="btn btn-secondary no-js" type="submit">Update</button>' in shown
    assert 'hx-target="#line"' in shown
    assert '<input name="line" value="7">' in shown
    assert "piece" not in shown


def test_steps_that_are_done_are_no_links(render: Render) -> None:
    items = [
        {"label": "Name", "url": "/name", "done": True},
        {"label": "Point", "url": "/point", "done": False},
    ]
    shown = render('{{ checklist("Open", items) }}', "progress:checklist", items=items)

    assert '<progress class="mb-2" value="1" max="2"' in shown
    assert 'href="/point"' in shown
    assert "/name" not in shown


def test_the_language_switch_keeps_the_page_and_names_each_language_in_itself(
    render: Render,
) -> None:
    shown = render(
        "{{ language_switch(languages, language) }}", "language:language_switch", "/s?q=pear"
    )

    assert 'href="?q=pear&amp;lang=zh" lang="zh-Hans" hreflang="zh-Hans"' in shown
    assert "中文" in shown
    assert "lang=en" not in shown


def test_a_shop_with_one_language_has_no_switch(render: Render) -> None:
    shown = render('{{ language_switch([("en", "English")], "en") }}', "language:language_switch")
    assert "<a" not in shown
