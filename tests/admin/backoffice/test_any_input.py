"""Whatever is sent to the product and pick-up forms, the answer is never a failure of ours."""

from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.accounts.models import Tenant
from tests.conftest import Browser
from tests.factories.storefront import make_category, make_pickup_point, make_product

ODD = st.sampled_from(
    ["", " ", "0", "-1", "1e9", "9" * 40, "NaN", "∞", "١٢", "1,5", "1.2345", "２.５", "y", "no",
     "kg", "published", "2026-02-30", "9999-12-31", "24:00", "23:59", "\x00", "\ud7ff", "<b>", "'",
     "%s", "{0}", "{left}", "00000000-0000-0000-0000-000000000000", "苹果" * 100]
)  # fmt: skip
TYPED = ODD | st.text(st.characters(codec="utf-8"), max_size=60)
WEEK = [f"{end}_{weekday}" for end in ("opens", "closes") for weekday in range(7)]
NAMES = [
    "name_en", "name_zh", "text_en", "text_zh", "grower", "category", "unit", "price", "step",
    "stock", "seen", "version", "published", "photo", "state", "alt", "address", "note_en",
    "note_zh", "lead_hours", "days_ahead", "active", "day", *WEEK,
]  # fmt: skip
SOUND = {
    "name_en": "Kale", "unit": "kg", "price": "3.50", "step": "1", "stock": "5", "seen": "5000",
    "version": "1", "address": "Square 2", "lead_hours": "24", "days_ahead": "14",
    "day": "2099-01-01",
}  # fmt: skip


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(st.sampled_from(NAMES), TYPED, max_size=6),
    st.sampled_from(["", "application/json", "text/plain"]),
)
def test_no_typed_text_breaks_a_form(
    ana: Browser, greenfield: Tenant, typed: Mapping[str, str], kind: str
) -> None:
    product, point = make_product(greenfield, stock="5"), make_pickup_point(greenfield)
    category = make_category(greenfield)
    for path in (
        "products/new", f"products/{product.id}", f"products/{product.id}/stock",
        f"products/{product.id}/price", f"products/{product.id}/publication",
        f"products/{product.id}/photos", "categories/new", f"categories/{category.id}",
        "pickup-points/new", f"pickup-points/{point.id}", f"pickup-points/{point.id}/closed-days",
        f"pickup-points/{point.id}/closed-days/removal",
    ):  # fmt: skip
        data = {**SOUND, **typed}
        headers = {"Content-Type": kind} if kind else {}
        answer = ana.post(f"/greenfield/{path}", data=data if not kind else "x", headers=headers)
        assert answer.status_code < 500, (path, data)
        assert answer.status_code in {200, 303, 400, 404, 409, 415, 422}, (path, answer.status_code)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(st.sampled_from(["tab", "q", "category", "page", "lang"]), TYPED, max_size=5)
)
def test_no_query_breaks_a_list(ana: Browser, greenfield: Tenant, query: dict[str, str]) -> None:
    make_product(greenfield)

    for path in ("products", "categories", "pickup-points"):
        answer = ana.get(f"/greenfield/{path}", query_string=query)
        assert answer.status_code in {200, 400, 404}
