"""Deny by default: a view that nobody thought about stops the start."""

import pytest
from flask import Flask

from kernel.policy import Policy, UndeclaredView, check_policies, declare, public


def test_a_view_without_a_policy_stops_the_start() -> None:
    app = Flask("one", static_folder=None)
    app.add_url_rule("/open", "open", public(lambda: "open"))
    check_policies(app)
    app.add_url_rule("/forgotten", "forgotten", lambda: "forgotten")
    with pytest.raises(UndeclaredView, match="forgotten"):
        check_policies(app)


def test_a_policy_that_nobody_enforces_stops_the_start() -> None:
    app = Flask("one", static_folder=None)
    app.add_url_rule("/odd", "odd", declare(Policy("wishful"))(lambda: "odd"))
    with pytest.raises(UndeclaredView, match="nobody enforces wishful"):
        check_policies(app)


def test_every_view_of_the_app_declares_one(app: Flask) -> None:
    check_policies(app)
    assert len(list(app.url_map.iter_rules())) > 20
