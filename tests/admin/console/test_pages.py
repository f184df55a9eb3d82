"""What Flask-Admin brings is used, and what is dangerous about it is not there."""

import re

import pytest
from flask import Flask
from flask_admin.contrib.sqla import ModelView
from werkzeug.exceptions import MethodNotAllowed, NotFound

from kernel.policy import policy_of
from tenants.accounts.models import Tenant
from tests.admin.console.test_access import PATHS
from tests.browsers import Browser, browse
from tests.factories.console import Lived

MAY_POST = {
    "console_signin.sign_in", "console_signin.sign_out", "console_account.end_one",
    "console_account.end_others", "console_tenants.suspension", "console_tenants.resumption",
    "console_tenants.closure", "console_jobs.retry", "console_events.rerun",
}  # fmt: skip


def test_no_view_of_a_model_can_write(app: Flask) -> None:
    views = [v for v in app.extensions["admin"][0]._views if isinstance(v, ModelView)]
    assert len(views) == 10
    for view in views:
        assert not any([view.can_create, view.can_edit, view.can_delete, view.can_export])
        assert not view.column_editable_list
        assert view.get_actions_list() == ([], {})
        assert 0 < view.page_size <= 100
        assert not view.can_set_page_size


def test_the_console_is_on_its_own_host_and_for_staff(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console_")]
    assert len(rules) > 25
    assert {rule.subdomain for rule in rules} == {"ops"}
    policies = {rule.endpoint: policy_of(app, rule.endpoint) for rule in rules}
    open_to_all = {e for e, policy in policies.items() if policy is None or policy.name != "staff"}
    assert open_to_all == {"console_signin.sign_in"}


def test_only_named_actions_take_posts(app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.subdomain == "ops" and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert posts == MAY_POST


@pytest.mark.parametrize(
    "path",
    ["new/", "edit/?id=1", "details/?id=1", "delete/", "action/", "export/csv/",
     "ajax/lookup/?name=x", "ajax/update/"],
)  # fmt: skip
def test_flask_admins_own_routes_do_not_exist(console: Browser, path: str) -> None:
    for method in ("get", "post"):
        assert getattr(console, method)(f"/tenants/{path}").status_code == 404


@pytest.mark.parametrize("host", ["shops", "app", "site"])
@pytest.mark.parametrize(
    "path",
    [*PATHS[1:], "/sign-in/../tenants/", "/admin/", "/static/admin/js/filters.js",
     "/static/bootstrap/bootstrap4/js/bootstrap.min.js", "/none/admin/js/filters.js",
     "/admin/static/vendor/jquery.min.js"],
)  # fmt: skip
def test_other_hosts_know_nothing_of_it(
    app: Flask, greenfield: Tenant, host: str, path: str
) -> None:
    adapter = app.url_map.bind("sheaf", subdomain={"shops": "shop"}.get(host, host))
    try:
        endpoint, _values = adapter.match(path.partition("?")[0])
    except (NotFound, MethodNotAllowed):
        return
    assert not endpoint.startswith(("console_", "admin"))


def test_flask_admins_files_are_served_nowhere(app: Flask, greenfield: Tenant) -> None:
    hosts = ("ops.sheaf.test", "sheaf.test", "app.sheaf.test", "greenfield.shops.test")
    for host in hosts:
        for path in ("/static/admin/js/filters.js", "/none/admin/js/filters.js",
                     "/admin/static/vendor/jquery.min.js"):  # fmt: skip
            assert browse(app, host).get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_need_nothing_that_the_policy_forbids(
    console: Browser, green: Lived, language: str
) -> None:
    for path in ("/", "/tenants/", *green.records.values(), "/jobs/", "/account/"):
        page = console.get(f"{path}?lang={language}")
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", page.text), path
        assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(https?:)?//", page.text), path
        assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in page.text
        assert "jquery" not in page.text.lower()


def test_a_list_is_never_without_pages(console: Browser, green: Lived) -> None:
    for query in ("page=-1", "page=999999999999", "page_size=100000", "sort=99&desc=1", "sort=-1",
                  "page=x", "search=%0a%1f", "search=%25_%5c", "state=nothing", "tenant_id=1",
                  "sort=0&desc=1", "flt0_0=1"):  # fmt: skip
        for path in ("/tenants/", "/orders/", "/jobs/", "/audit/", "/payments/"):
            assert console.get(f"{path}?{query}").status_code == 200, f"{path}?{query}"
