"""What people do in more than one chapter: open a shop, offer carrots, order, look up an order."""

import re
from urllib.parse import urlencode

from visitor import Page, Unexpected, Visitor
from world import PASSWORD, ROOT, World, mail, step, until


def sign_up(world: World, who: Visitor, name: str, slug: str, email: str) -> None:
    page = who.get(f"{world.site}/sign-up").expect()
    page = who.submit(
        page, page.form("/sign-up"), shop_name=name, slug=slug, email=email, password=PASSWORD,
        currency="EUR", time_zone="Europe/Berlin",
    ).expect()  # fmt: skip
    text = mail(world, email, "")["text"]
    code = re.search(r"\b\d{6,8}\b", text)
    if code is None:
        raise Unexpected(f"no code in the mail:\n{text}")
    who.submit(page, page.form(having="code"), code=code.group()).expect()
    who.get(f"{world.app}/{slug}/").expect(name)


def open_shop(world: World) -> None:
    with step("A cooperative signs up and stands in its back office"):
        sign_up(world, world.owner, "Lindau Growers", world.slug, f"ana@{world.slug}.example")
    with step("Its shop is open, with a few samples"):
        until(lambda: "/products/" in Visitor().get(world.shop).html, "sample products")
    with step("One click removes the samples"):
        page = world.owner.get(f"{world.office}/products").expect()
        world.owner.submit(page, page.form("/samples/removal")).expect()
        if "/products/" in Visitor().get(world.shop).html:
            raise Unexpected("a sample is still in the shop")


def add_product(world: World) -> None:
    with step("The owner adds Rainbow carrots with a photo, 3.20 a kg"):
        page = world.owner.get(f"{world.office}/products/new").expect()
        photo = (ROOT / "storefront/shop/samples/carrots.webp").read_bytes()
        page = world.owner.upload(
            page, page.form(having="name_en"), {"photo": ("carrots.webp", photo)},
            name_en="Rainbow carrots", name_zh="彩虹胡萝卜", unit="kg", price="3.20", step="0.25",
            stock="20", published="y",
        )  # fmt: skip
        page.expect("Rainbow carrots")
        shop = Visitor().get(world.shop).expect("Rainbow carrots", "3.20")
        picture = re.search(r'src="(/media/[^"]+\.webp)"', shop.html)
        if picture is None:
            raise Unexpected(f"no photo on the shop's page\n{shop.text[:500]}")
        shown = Visitor().get(world.shop + picture.group(1))
        if shown.expect().body[8:12] != b"WEBP":
            raise Unexpected(f"{shown.url}: not a picture")
    with step("Chinese readers find it by 胡萝卜 and by its pinyin"):
        for words in ("胡萝卜", "huluobo", "hlb"):
            found = Visitor("zh-CN").get(f"{world.shop}/search?{urlencode({'q': words})}")
            found.expect("彩虹胡萝卜")


def connect_payments(world: World) -> None:
    with step("The owner connects a Stripe account through its onboarding"):
        page = world.owner.get(f"{world.office}/payments").expect()
        form = page.form("/payments/onboarding")
        page = world.owner.submit(page, form, country="DE").expect()
        page = world.owner.submit(page, page.form(having="action"), action="finish").expect()

        def ready() -> bool:
            page = world.owner.get(f"{world.office}/payments")
            return "Online with Stripe Taking payments" in page.text

        until(ready, "the account to be ready")


def order(world: World, who: Visitor, name: str, method: str, quantity: str) -> Page:
    """Carrots in the cart, the checkout filled in; the page that comes after."""
    page = who.get(world.shop).expect("Rainbow carrots")
    page = who.get(page.link("/products/")).expect("Rainbow carrots")
    page = who.submit(page, page.form("/cart/lines"), quantity=quantity).expect()
    page = who.get(f"{world.shop}/checkout").expect()
    form = page.form("/checkout")
    day = (form.values.get("pickup") or form.choices["pickup"])[0] or form.choices["pickup"][-1]
    filled = {"name": name, "email": f"{name.lower()}@{world.slug}.example", "method": method}
    return who.submit(page, form, pickup=day, **filled).expect()


def learn_order(world: World, name: str, page: Page) -> None:
    """Its address, from wherever the shopper stands now, and its pick-up code."""
    address = re.search(rf"{re.escape(world.shop)}/orders/[^/?]+", page.url)
    if address is None:
        raise Unexpected(f"{page.url} is not an order's page")
    world.orders[name] = address.group()


def code_on(page: Page) -> str | None:
    """The pick-up code, once the page shows one."""
    page.expect()
    found = re.search(r'class="[^"]*code-big[^"]*"[^>]*>\s*([A-Z0-9 ]{4,12})\s*<', page.html)
    return found.group(1).replace(" ", "") if found else None


def open_order(world: World, name: str) -> Page:
    """The order's page in the back office, found by its pick-up code."""
    query = urlencode({"q": world.codes[name], "tab": "all"})
    page = world.owner.get(f"{world.office}/orders?{query}")
    return world.owner.get(page.expect(name).link("/orders/")).expect(name)


def find_by_code(world: World, code: str) -> Page:
    page = world.owner.get(f"{world.office}/hand-over").expect()
    form = next(form for form in page.forms if "code" in form.values)
    if form.method == "post":
        return world.owner.submit(page, form, code=code).expect()
    return world.owner.get(f"{world.office}/hand-over?code={code}").expect()
