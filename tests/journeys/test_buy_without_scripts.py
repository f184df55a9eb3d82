"""A purchase with JavaScript switched off, in Chinese, paid by card on the provider's page."""

from collections.abc import Callable

import pytest
from acts import add_product, connect_payments, open_shop
from playwright.sync_api import expect
from world import GOOD, World, mail

from tests.journeys.conftest import PHONE, Watcher

pytestmark = pytest.mark.slow


def test_a_shop_can_be_bought_from_without_scripts(
    browse: Callable[..., Watcher], world: World
) -> None:
    for prepare in (open_shop, add_product, connect_payments):
        prepare(world)
    page = browse("zh", PHONE, scripts=False).page
    page.goto(world.shop)
    page.locator("a[href*='/products/']").first.click()
    page.fill("[name=quantity]", "0.75")
    page.locator("form[action$='/cart/lines'] button.btn-primary").first.click()
    page.goto(f"{world.shop}/cart")
    expect(page.locator("main")).to_contain_text("彩虹胡萝卜")
    page.goto(f"{world.shop}/checkout")
    page.locator("main form button.btn-primary").first.click()
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()

    page.fill("[name=name]", "李梅")
    page.fill("[name=email]", f"mei@{world.slug}.example")
    if page.locator("select[name=pickup]").count():
        page.select_option("select[name=pickup]", index=1)
    else:
        page.locator("[name=pickup]").first.check()
    page.locator("[name=method][value=stripe]").check()
    page.locator("main form button.btn-primary").first.click()
    page.locator(f"[name=card][value='{GOOD}']").check()
    page.locator("form:has([name=card]) button").first.click()

    mail(world, f"mei@{world.slug}.example", "已付款")
    page.goto(page.url.replace("/return", ""))
    expect(page.locator(".code-big").first).to_be_visible()
