"""The main job, played over HTTP as people would, against a running Sheaf. `scripts/demo --once`.

A line with a tick and its duration for each step. A step is only ticked when its effect was seen;
otherwise the failing answer is printed and the exit is non-zero.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import pyotp
from visitor import Page, Unexpected, Visitor

Seen = TypeVar("Seen")
ROOT = Path(__file__).resolve().parents[1]
GOOD, DECLINED = "4242424242424242", "4000000000000002"
PASSWORD = "four carrots in a row"  # noqa: S105 - of people that live for one run
PATIENCE_SECONDS = 60


class World:
    """Addresses, and what earlier steps have learned."""

    def __init__(self, port: int, slug: str = "") -> None:
        self.port = port
        self.site = f"http://localhost:{port}"
        self.app = f"http://app.localhost:{port}"
        self.ops = f"http://ops.localhost:{port}"
        self.slug = slug or f"lindau-{os.getpid()}"
        self.office = f"{self.app}/{self.slug}"
        self.shop = f"http://{self.slug}.shops.localhost:{port}"
        self.owner, self.neighbour = Visitor(), Visitor("zh-CN")
        self.staff = Visitor()
        self.orders: dict[str, str] = {}
        self.codes: dict[str, str] = {}


@contextmanager
def step(words: str) -> Iterator[None]:
    """One line: what is happening, and when it was seen to have happened, how long it took."""
    started = time.monotonic()
    print(f"  {words:<66}", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" ✗", flush=True)
        raise
    print(f" ✓ {time.monotonic() - started:5.2f} s", flush=True)


def until(look: Callable[[], Seen | None], what: str) -> Seen:
    """The first result that is something; the worker does its part meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise Unexpected(f"waited {PATIENCE_SECONDS} s for {what}")


def mail(world: World, to: str, subject: str) -> dict[str, str]:
    """The newest mail to somebody about something, from the development mailbox."""
    query = urlencode({"to": to, "subject": subject})

    def look() -> dict[str, str] | None:
        page = Visitor().get(f"{world.site}/dev/mailbox?{query}", Accept="application/json")
        mails: list[dict[str, str]] = page.json
        return mails[0] if mails else None

    return until(look, f"a mail to {to} about {subject!r}")


def sign_up(world: World, who: Visitor, name: str, slug: str, email: str) -> None:
    page = who.get(f"{world.site}/sign-up").expect()
    page = who.submit(
        page, page.form("/sign-up"), shop_name=name, slug=slug, email=email, password=PASSWORD,
        currency="EUR", time_zone="Europe/Berlin",
    ).expect()  # fmt: skip
    text = mail(world, email, "")["text"]
    code = re.search(r"\b\d{6}\b", text)
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


def pay_online(world: World) -> None:
    shopper = Visitor()
    with step("Mei buys 1.250 kg and pays by test card"):
        page = order(world, shopper, "Mei", "stripe", "1.25")
        page = shopper.submit(page, page.form(having="card"), card=GOOD)
        learn_order(world, "Mei", page)
    with step("The webhook, not the return page, says it is paid: 4.00"):
        address = world.orders["Mei"]
        paid = until(lambda: code_on(shopper.get(address)), "the order to be paid")
        world.codes["Mei"] = paid
        shopper.get(address).expect("1.25 kg", "4.00")


def code_on(page: Page) -> str | None:
    """The pick-up code, once the page shows one."""
    page.expect()
    found = re.search(r'class="[^"]*code-big[^"]*"[^>]*>\s*([A-Z0-9 ]{4,12})\s*<', page.html)
    return found.group(1).replace(" ", "") if found else None


def decline_and_retry(world: World) -> None:
    shopper = Visitor()
    with step("Tom's card is declined; nothing is paid"):
        page = order(world, shopper, "Tom", "stripe", "2")
        page = shopper.submit(page, page.form(having="card"), card=DECLINED).expect(status=422)
        if "declined" not in page.text.lower():
            raise Unexpected(f"{page.url}: does not say that the card was declined\n{page.text}")
    with step("Tom tries another card on the same order and it is paid"):
        page = shopper.submit(page, page.form(having="card"), card=GOOD)
        learn_order(world, "Tom", page)
        world.codes["Tom"] = until(lambda: code_on(shopper.get(world.orders["Tom"])), "payment")


def pay_at_pickup(world: World) -> None:
    shopper = Visitor()
    with step("Li orders in Chinese to pay at pick-up; the code is shown at once"):
        shopper = Visitor("zh-CN")
        page = shopper.get(world.shop).expect("彩虹胡萝卜")
        page = order_chinese(world, shopper)
        learn_order(world, "Li", page)
        world.codes["Li"] = until(lambda: code_on(shopper.get(world.orders["Li"])), "the code")


def order_chinese(world: World, who: Visitor) -> Page:
    page = who.get(who.get(world.shop).link("/products/")).expect("彩虹胡萝卜")
    page = who.submit(page, page.form("/cart/lines"), quantity="0.5").expect()
    page = who.get(f"{world.shop}/checkout").expect("结算")
    form = page.form("/checkout")
    day = (form.values.get("pickup") or form.choices["pickup"])[0] or form.choices["pickup"][-1]
    return who.submit(
        page, form, pickup=day, name="Li", email=f"li@{world.slug}.example", method="at_pickup"
    ).expect()


def twice(world: World) -> None:
    with step("Sending the same checkout twice makes one order"):
        shopper = Visitor()
        page = shopper.get(shopper.get(world.shop).link("/products/"))
        shopper.submit(page, page.form("/cart/lines"), quantity="0.25").expect()
        page = shopper.get(f"{world.shop}/checkout").expect()
        form = page.form("/checkout")
        day = (form.values.get("pickup") or form.choices["pickup"])[0]
        day = day or form.choices["pickup"][-1]
        fill = {"name": "Zoe", "email": f"zoe@{world.slug}.example", "method": "at_pickup"}
        first = shopper.submit(page, form, pickup=day, **fill).expect()
        second = shopper.submit(page, form, pickup=day, **fill).expect()
        numbers = [re.search(r"#?(\d+)", p.text[p.text.find("rder") :]) for p in (first, second)]
        if first.url != second.url or not all(numbers):
            raise Unexpected(f"two orders: {first.url} and {second.url}")


def hand_over(world: World) -> None:
    for name in ("Mei", "Tom", "Li"):
        with step(f"{name}'s order is marked ready, and handed over by its code"):
            page = open_order(world, name)
            world.owner.submit(page, page.form("/readiness")).expect()
            about = "备好" if name == "Li" else "ready"
            mail(world, f"{name.lower()}@{world.slug}.example", about)
            page = find_by_code(world, world.codes[name])
            if any(form.action.endswith("/payment") for form in page.forms):
                world.owner.submit(page, page.form("/payment")).expect()
                page = find_by_code(world, world.codes[name])
            world.owner.submit(page, page.form("/collection"), code=world.codes[name]).expect()
            open_order(world, name).expect("Collected")


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


def refund(world: World) -> None:
    with step("1.00 of Mei's order is refunded; Stripe and our fee follow"):
        page = open_order(world, "Mei")
        form = page.form("/refunds")
        world.owner.submit(page, form, amount="1.00", reason="Two carrots were soft").expect()
        mail(world, f"mei@{world.slug}.example", "paid back")


def read_mails(world: World) -> None:
    with step("Mails went out for placed, paid, ready and refunded"):
        for name, wanted in (
            ("mei", ["please pay", "paid", "ready", "paid back"]),
            ("li", ["订单", "备好"]),
        ):
            for subject in wanted:
                found = mail(world, f"{name}@{world.slug}.example", subject)
                if "Lindau Growers" not in found["from"]:
                    raise Unexpected(f"the mail {found['subject']!r} is from {found['from']}")


def see_fees(world: World) -> None:
    with step("The owner sees each fee beside its transaction"):
        page = world.owner.get(f"{world.office}/fees").expect("2.5")
        for amount in ("4.00", "6.40", "1.60"):
            page.expect(amount)


def staff_member(world: World) -> pyotp.TOTP:
    made = subprocess.run(
        [
            sys.executable, "-m", "flask", "--app", "wsgi", "staff", "create",
            "--email", f"ops@{world.slug}.example", "--name", "Ruth", "--password", PASSWORD,
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    uri = re.search(r"otpauth://\S+", made.stdout)
    if uri is None:
        raise Unexpected(f"flask staff create: {made.stdout}{made.stderr}")
    code = pyotp.parse_uri(uri.group())
    assert isinstance(code, pyotp.TOTP), "staff use codes by the clock"
    return code


def console(world: World) -> None:
    with step("Staff sign in with password and one-time code; a replay is refused"):
        totp = staff_member(world)
        page = world.staff.get(f"{world.ops}/sign-in").expect()
        code = totp.now()
        fill = {"email": f"ops@{world.slug}.example", "password": PASSWORD, "code": code}
        world.staff.submit(page, page.form("/sign-in"), **fill).expect()
        thief = Visitor()
        page = thief.get(f"{world.ops}/sign-in")
        again = thief.submit(page, page.form("/sign-in"), **fill)
        if again.status not in (422, 429):
            raise Unexpected(f"the same code was taken twice: {again.status}")
    with step("Staff find the shop, its payments, fees and provider events"):
        page = world.staff.get(f"{world.ops}/search/?{urlencode({'q': world.slug})}").expect(
            "Lindau Growers"
        )
        for path, wanted in (
            ("payments", "4.00"), ("usage", "4.00"), ("provider-events", "checkout.session"),
        ):  # fmt: skip
            world.staff.get(f"{world.ops}/{path}/").expect(wanted)


def neighbour_tries(world: World) -> None:
    slug = f"{world.slug}-next"
    other = world.shop.replace(world.slug, slug)
    with step("A neighbour signs up next door"):
        sign_up(world, world.neighbour, "山坡农场", slug, f"carol@{slug}.example")
    with step("On the neighbour's host the order, product and photo do not exist"):
        page = Visitor().get(world.shop)
        product = page.link("/products/").removeprefix(world.shop)
        photo = re.search(r"/media/[^\" ]+\.webp", page.html)
        order_path = world.orders["Mei"].removeprefix(world.shop)
        for path in (product, order_path, photo.group() if photo else product):
            refused(Visitor().get(other + path), world)
    with step("In the neighbour's account our back office does not exist"):
        for path in ("", "orders", "products", "payments", "fees", "people", "settings"):
            refused(world.neighbour.get(f"{world.office}/{path}"), world)
    with step("Neither shoppers nor owners get into the console"):
        page = world.owner.get(f"{world.ops}/tenants/")
        if "Lindau" in page.html or not page.url.startswith(f"{world.ops}/sign-in"):
            raise Unexpected(f"{page.url}: {page.status}")


def refused(page: Page, world: World) -> None:
    """Not here, and not a word about what is next door."""
    page.expect(status=404)
    for secret in ("Mei", world.codes["Mei"], "Rainbow"):
        if secret in page.html:
            raise Unexpected(f"{page.url}: shows {secret!r}")


def audit(_world: World) -> None:
    with step("The audit verifies, and doctor finds nothing wrong"):
        for words in (["audit", "verify"], ["doctor"]):
            done = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "wsgi", *words],
                cwd=ROOT, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                raise Unexpected(f"flask {' '.join(words)}:\n{done.stdout}{done.stderr}")


def agree(world: World, sandbox_port: int) -> None:
    with step("Stripe's own record agrees: 10.40 taken, 1.00 back, fees 0.26 less 0.03"):
        page = world.owner.get(f"{world.office}/payments").expect()
        account = re.search(r"acct_\w+", page.text)
        if account is None:
            raise Unexpected(f"{page.url}: names no account")
        wanted = {"capture": 1040, "refund": 100, "fee": 26, "fee_refund": 3}

        def sums() -> bool:
            found = dict.fromkeys(wanted, 0)
            record = Visitor().get(f"http://127.0.0.1:{sandbox_port}/_sandbox/record").json
            for line in record["lines"]:
                if line["account"] == account.group():
                    found[line["what"]] += line["amount"]
            return found == wanted

        until(sums, f"the account's record to say {wanted}")


STEPS = (
    open_shop, add_product, connect_payments, pay_online, decline_and_retry, pay_at_pickup, twice,
    hand_over, refund, read_mails, see_fees, console, neighbour_tries, audit,
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Play the main job against a running Sheaf.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sandbox-port", type=int, required=True)
    parser.add_argument("--instance", type=Path, required=True)
    asked = parser.parse_args()
    world = World(asked.port)
    started = time.monotonic()
    try:
        for play in STEPS:
            play(world)
        agree(world, asked.sandbox_port)
    except (Unexpected, OSError) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print(f"\nEverything was seen to happen, in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
