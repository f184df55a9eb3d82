"""Stock, payments, fees and the audit agree at every step, whatever happens in whatever order."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.sandbox import Sandbox
from tests.limits import SEARCHING
from tests.storefront.orders.shop_machine import DEEDS, Shop

Step = tuple[Callable[[Shop, int], None], int]
STEPS: st.SearchStrategy[Step] = st.tuples(
    st.sampled_from([deed for deed, often in DEEDS.items() for _ in range(often)]),
    st.integers(0, 99),
)


@pytest.mark.cpu_limit(600)
@settings(max_examples=SEARCHING or 15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=25, max_size=60))
def test_everything_agrees(
    app: Flask, admin: psycopg.Connection, sandbox: Sandbox, steps: list[Step]
) -> None:
    shop = Shop(app, admin, sandbox)
    for deed, n in steps:
        deed(shop, n)
        shop.check()
    shop.come_to_rest()
