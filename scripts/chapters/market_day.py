"""The main job: sign-up, products, orders, payments, hand-over, a refund, fees and the books."""

import re
from urllib.parse import urlencode

import pyotp
from acts import (
    add_product,
    code_on,
    connect_payments,
    find_by_code,
    learn_order,
    open_order,
    open_shop,
    order,
    sign_up,
)
from visitor import Page, Unexpected, Visitor
from world import DECLINED, GOOD, PASSWORD, World, flask, mail, step, until


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
    email = f"ops@{world.slug}.example"
    made = flask("staff", "create", "--email", email, "--name", "Ruth", "--password", PASSWORD)
    uri = re.search(r"otpauth://\S+", made)
    if uri is None:
        raise Unexpected(f"flask staff create: {made}")
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
        flask("audit", "verify")
        flask("doctor")


def agree(world: World) -> None:
    with step("Stripe's own record agrees: 10.40 taken, 1.00 back, fees 0.26 less 0.03"):
        page = world.owner.get(f"{world.office}/payments").expect()
        account = re.search(r"acct_\w+", page.text)
        if account is None:
            raise Unexpected(f"{page.url}: names no account")
        wanted = {"capture": 1040, "refund": 100, "fee": 26, "fee_refund": 3}

        def sums() -> bool:
            found = dict.fromkeys(wanted, 0)
            record = Visitor().get(f"{world.sandbox}/_sandbox/record").json
            for line in record["lines"]:
                if line["account"] == account.group():
                    found[line["what"]] += line["amount"]
            return found == wanted

        until(sums, f"the account's record to say {wanted}")


def play(world: World) -> None:
    for part in (
        open_shop, add_product, connect_payments, pay_online, decline_and_retry, pay_at_pickup,
        twice, hand_over, refund, read_mails, see_fees, console, neighbour_tries, audit, agree,
    ):  # fmt: skip
        part(world)
