"""From sign-up to the collected order, in a real browser, in both languages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from world import PASSWORD, World, mail

from tests.journeys.conftest import DESK, PHONE, ROOT, Watcher

pytestmark = pytest.mark.slow
Browse = Callable[..., Watcher]
PHOTO = Path(ROOT / "storefront/shop/samples/carrots.webp")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cooperative_signs_up_sells_and_hands_over(
    browse: Browse, world: World, language: str
) -> None:
    ana = browse(language, DESK)
    sign_up(ana, world)
    add_product(ana, world)
    code = buy(browse(language, PHONE), world)
    pack(ana, world, code)


def sign_up(ana: Watcher, world: World) -> None:
    page = ana.go(f"{world.site}/sign-up").page
    page.fill("[name=shop_name]", f"Lindau Growers 林岛合作社 {world.slug}")
    page.fill("[name=slug]", world.slug)
    page.fill("[name=email]", f"ana@{world.slug}.example")
    page.fill("[name=password]", PASSWORD)
    ana.press("form#sign-up button.btn-primary")
    code = re.search(r"\b\d{8}\b", mail(world, f"ana@{world.slug}.example", "")["text"])
    assert code is not None
    page.fill("[name=code]", code.group())
    ana.press("form:has([name=code]) button.btn-primary")
    assert page.url.startswith(world.office)


def add_product(ana: Watcher, world: World) -> None:
    page = ana.go(f"{world.office}/products/new").page
    page.fill("[name=name_en]", "Rainbow carrots")
    page.fill("[name=name_zh]", "彩虹胡萝卜")
    page.select_option("[name=unit]", "kg")
    page.fill("[name=price]", "3.20")
    page.fill("[name=step]", "0.25")
    page.fill("[name=stock]", "20")
    page.set_input_files("[name=photo]", PHOTO)
    page.check("[name=published]")
    ana.press("main form button.btn-primary")
    ana.go(f"{world.office}/pickup-points")
    ana.go(f"{world.office}/payments")
    ana.go(f"{world.office}/settings")
    ana.go(f"{world.office}/people")
    ana.go(f"{world.office}/fees")


def buy(shopper: Watcher, world: World) -> str:
    page = shopper.go(world.shop).page
    shopper.light_enough()
    shopper.press("a[href*='rainbow-carrots']")
    page.fill("[name=quantity]", "1.25")
    page.locator("form[action$='/cart/lines'] button.btn-primary").first.click()
    page.wait_for_load_state("networkidle")
    shopper.go(f"{world.shop}/cart")
    shopper.go(f"{world.shop}/checkout")
    page.fill("[name=name]", "Mei")
    page.fill("[name=email]", f"mei@{world.slug}.example")
    if page.locator("select[name=pickup]").count():
        page.select_option("select[name=pickup]", index=1)
    else:
        page.locator("[name=pickup]").first.check()
    page.locator("[name=method][value=at_pickup]").check()
    shopper.press("main form button.btn-primary")
    assert "/orders/" in page.url
    expect(page.locator("main")).to_contain_text("1.25")
    return page.locator(".code-big").first.inner_text().replace(" ", "")


def pack(ana: Watcher, world: World, code: str) -> None:
    page = ana.go(f"{world.office}/orders?tab=all").page
    ana.press("main a[href*='/orders/1001']")
    ana.press("form[action$='/readiness'] button")
    ana.go(f"{world.office}/hand-over?code={code}")
    ana.press("form[action$='/payment'] button")
    ana.go(f"{world.office}/hand-over?code={code}")
    ana.press("form[action$='/collection'] button")
    ana.go(f"{world.office}/orders/1001")
    expect(page.locator("form[action$='/collection']")).to_have_count(0)
    ana.go(f"{world.office}/")
    ana.go(f"{world.office}/audit")
