"""What people do with orders: each action works, is refused, and is not for everyone."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from billing.connections.models import PaymentMethod
from billing.payments.queries import payments_of
from billing.refunds.queries import refunds_of
from billing.sandbox import Sandbox
from kernel.db import db, new_id
from kernel.scope import acting_for
from storefront.fulfilment.services import mark_collected, take_payment
from storefront.orders.models import Order, OrderState, PaidState
from storefront.orders.services import cancel_order
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tests.browsers import Browser, browse
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.factories.storefront import make_product, stock_left
from tests.jobs import run_due_jobs

FORMS = {
    "readiness": {},
    "payment": {},
    "collection": {"code": "ACDEFG"},
    "cancellation": {"reason": "Hail"},
    "refunds": {"amount": "1", "reason": "Soft"},
}


def act(who: Browser, order: Order, noun: str, **typed: object) -> TestResponse:
    return who.post(f"/greenfield/orders/{order.number}/{noun}", data=typed)


def landed(who: Browser, answer: TestResponse) -> str:
    """The page that the answer leads to."""
    assert answer.status_code == 303
    return who.get(answer.location).text


def state_of(tenant: Tenant, order: Order) -> tuple[OrderState, PaidState]:
    now = read_order(tenant, order.id)
    return now.state, now.paid_state


def take(tenant: Tenant, order: Order) -> None:
    with acting_for(tenant.id):
        take_payment(order_id=order.id, taken_by=new_id())


def audited(tenant: Tenant) -> list[tuple[str, str]]:
    with acting_for(tenant.id):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
        return [(entry.action, entry.actor_name) for entry in entries]


@pytest.fixture
def order(greenfield: Tenant) -> Order:
    """A kilogram of carrots at 3.50, to be paid at pick-up."""
    return make_order(greenfield)


def test_a_packer_marks_an_order_ready(
    app: Flask, greenfield: Tenant, order: Order, ben: Browser
) -> None:
    page = landed(ben, act(ben, order, "readiness"))

    assert "Order 1001 is ready." in page
    assert state_of(greenfield, order) == (OrderState.READY, PaidState.UNPAID)
    assert ("order.ready", "Ben") in audited(greenfield)


def test_what_is_ready_is_not_marked_again(greenfield: Tenant, order: Order, ben: Browser) -> None:
    act(ben, order, "readiness")

    again = act(ben, order, "readiness")

    assert again.status_code == 409
    assert "Order 1001 has changed meanwhile" in again.text
    assert audited(greenfield).count(("order.ready", "Ben")) == 1


def test_taking_the_money_names_who_took_it(
    app: Flask, greenfield: Tenant, order: Order, ben: Browser
) -> None:
    page = landed(ben, act(ben, order, "payment"))
    run_due_jobs(app)

    assert "€3.50 taken from Mia Brandt." in page
    assert "€3.50 taken at pick-up" in page
    assert "· Ben" in page
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.PAID)
    assert ("order.paid", "Ben") in audited(greenfield)


def test_money_is_taken_once_however_often_it_is_pressed(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    act(ben, order, "payment")

    assert act(ben, order, "payment").status_code == 409
    with acting_for(greenfield.id):
        assert [payment.amount_minor for payment in payments_of(order.id)] == [350]


def test_money_for_an_online_order_is_not_taken_by_hand(
    greenfield: Tenant, sandbox: Sandbox, ben: Browser
) -> None:
    make_connection(greenfield, sandbox)
    online = make_order(greenfield, method=PaymentMethod.STRIPE)

    assert act(ben, online, "payment").status_code == 409
    assert "Take payment" not in ben.get(f"/greenfield/orders/{online.number}").text
    assert state_of(greenfield, online) == (OrderState.AWAITING_PAYMENT, PaidState.UNPAID)


def test_an_order_is_handed_over_by_its_code(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    take(greenfield, order)

    page = landed(ben, act(ben, order, "collection", code=order.pickup_code.lower()))

    assert "Order 1001 is handed over to Mia Brandt." in page
    assert "· Ben" in page
    assert state_of(greenfield, order) == (OrderState.COLLECTED, PaidState.PAID)
    assert ("order.collected", "Ben") in audited(greenfield)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AAAAAA", "This is not the pick-up code of order 1001."),
        ("", "Enter the six letters and figures the shopper shows."),
        ("A" * 41, "A pick-up code is shorter than this."),
    ],
)
def test_a_wrong_code_is_refused_at_its_field_and_kept(
    greenfield: Tenant, order: Order, ben: Browser, code: str, words: str
) -> None:
    take(greenfield, order)

    answer = act(ben, order, "collection", code=code)

    assert answer.status_code == 422
    assert '<a href="#code">' in answer.text
    assert words in answer.text
    assert f'value="{code}"' in answer.text
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.PAID)


def test_nothing_is_handed_over_before_it_is_paid(
    greenfield: Tenant, order: Order, ben: Browser
) -> None:
    answer = act(ben, order, "collection", code=order.pickup_code)

    assert answer.status_code == 409
    assert "Order 1001 is not paid. Take the payment first." in answer.text
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.UNPAID)


def test_cancelling_gives_the_stock_back_and_says_why(
    app: Flask, greenfield: Tenant, ana: Browser
) -> None:
    carrots = make_product(greenfield, stock="5")
    order = make_order(greenfield, {carrots: "2"})

    page = landed(ana, act(ana, order, "cancellation", reason="The hail took them"))
    run_due_jobs(app)

    assert "Order 1001 is cancelled." in page
    assert "· Ana · The hail took them" in page
    assert state_of(greenfield, order) == (OrderState.CANCELLED, PaidState.UNPAID)
    assert stock_left(greenfield, carrots.id) == 5000
    assert ("order.cancelled", "Ana") in audited(greenfield)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_cancelling_without_a_readable_reason_is_refused_at_the_field(
    greenfield: Tenant, order: Order, ana: Browser, reason: str
) -> None:
    answer = act(ana, order, "cancellation", reason=reason)

    assert answer.status_code == 422
    assert '<a href="#cancel-reason">' in answer.text
    assert answer.text.count('<details class="danger-zone" open>') == 1
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.UNPAID)


def test_what_is_collected_is_not_cancelled(greenfield: Tenant, order: Order, ana: Browser) -> None:
    take(greenfield, order)
    with acting_for(greenfield.id):
        mark_collected(order_id=order.id, code=order.pickup_code)

    answer = act(ana, order, "cancellation", reason="Too late")

    assert answer.status_code == 409
    assert state_of(greenfield, order) == (OrderState.COLLECTED, PaidState.PAID)


def test_a_part_and_then_the_rest_go_back(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, ana: Browser
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(
        greenfield, {make_product(greenfield, price=1200): "1"}, method=PaymentMethod.STRIPE
    )
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    asked = ana.get(f"/greenfield/orders/{order.number}").text
    assert 'value="12.00"' in asked

    page = landed(ana, act(ana, order, "refunds", amount="4,50", reason="Soft", left="1200"))
    run_due_jobs(app)
    assert "€4.50 is to go back to Mia Brandt; Stripe has been asked." in page
    assert 'value="7.50"' in page
    assert state_of(greenfield, order)[1] is PaidState.PART_REFUNDED

    act(ana, order, "refunds", amount="7.50", reason="All of it", left="750")
    run_due_jobs(app)
    assert state_of(greenfield, order)[1] is PaidState.REFUNDED
    assert "/refunds" not in ana.get(f"/greenfield/orders/{order.number}").text
    assert next(iter(sandbox.record()["totals"].values()))["eur"]["refunded"] == 1200
    assert audited(greenfield).count(("order.refund_requested", "Ana")) == 2


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3.51", "At most €3.50 can still be paid back."),
        ("0", "Enter an amount above zero."),
        ("-1", "Enter an amount such as 12.50."),
        ("1.234", "Enter an amount such as 12.50."),
        ("all", "Enter an amount such as 12.50."),
        ("9" * 21, "This is more than any order."),
    ],
)
def test_an_amount_that_cannot_go_back_is_refused_at_its_field_and_kept(
    app: Flask, greenfield: Tenant, order: Order, ana: Browser, amount: str, words: str
) -> None:
    take(greenfield, order)

    answer = act(ana, order, "refunds", amount=amount, reason="Soft", left="350")

    assert answer.status_code == 422
    assert '<a href="#refund-amount">' in answer.text
    assert words in answer.text
    assert f'value="{amount}"' in answer.text
    assert ">Soft</textarea>" in answer.text.replace("\r\n", "").replace(">\n", ">")
    with acting_for(greenfield.id):
        assert refunds_of(order.id) == []


def test_a_refund_sent_twice_goes_back_once(greenfield: Tenant, order: Order, ana: Browser) -> None:
    take(greenfield, order)
    typed = {"amount": "1", "reason": "Soft", "left": "350"}

    assert act(ana, order, "refunds", **typed).status_code == 303
    again = act(ana, order, "refunds", **typed)

    assert again.status_code == 409
    assert "Order 1001 has changed meanwhile" in again.text
    assert 'value="250"' in again.text
    with acting_for(greenfield.id):
        assert [refund.amount_minor for refund in refunds_of(order.id)] == [100]


@pytest.mark.parametrize("left", ["", "x", "-350", "351"])
def test_a_refund_that_was_not_decided_on_this_page_is_refused(
    greenfield: Tenant, order: Order, ana: Browser, left: str
) -> None:
    take(greenfield, order)

    assert act(ana, order, "refunds", amount="1", reason="Soft", left=left).status_code == 409
    with acting_for(greenfield.id):
        assert refunds_of(order.id) == []


def test_money_taken_by_hand_is_handed_back(
    app: Flask, greenfield: Tenant, order: Order, ana: Browser
) -> None:
    take(greenfield, order)

    said = {"amount": "1.50", "reason": "Soft", "left": "350", "handed_back": "y"}
    page = landed(ana, act(ana, order, "refunds", **said))
    run_due_jobs(app)

    assert "€1.50 is recorded as handed back to Mia Brandt." in page
    assert state_of(greenfield, order)[1] is PaidState.PART_REFUNDED
    assert "€1.50 refunded" in ana.get("/greenfield/orders/1001").text


@pytest.mark.parametrize("noun", FORMS)
def test_strangers_do_nothing_with_orders(
    greenfield: Tenant, order: Order, carol: Browser, noun: str
) -> None:
    take(greenfield, order)
    before = audited(greenfield)

    assert act(carol, order, noun, **FORMS[noun] | {"code": order.pickup_code}).status_code == 404
    assert act(
        browse(carol.application, "app.sheaf.test"), order, noun, **FORMS[noun]
    ).status_code in {303, 401, 403}
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.PAID)
    assert audited(greenfield) == before


@pytest.mark.parametrize("noun", FORMS)
def test_the_neighbours_order_is_not_found(
    greenfield: Tenant, hillside: Tenant, order: Order, ana: Browser, noun: str
) -> None:
    make_order(hillside)
    theirs = make_order(hillside)

    assert act(ana, theirs, noun, **FORMS[noun]).status_code == 404
    assert state_of(hillside, theirs) == (OrderState.TO_PREPARE, PaidState.UNPAID)


@pytest.mark.parametrize("noun", ["cancellation", "refunds"])
def test_a_packer_ends_no_order_and_pays_nothing_back(
    greenfield: Tenant, order: Order, ben: Browser, noun: str
) -> None:
    take(greenfield, order)

    answer = act(ben, order, noun, amount="1", reason="Soft", left="350")

    assert answer.status_code == 403
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.PAID)
    with acting_for(greenfield.id):
        assert refunds_of(order.id) == []


def test_many_orders_are_marked_ready_at_once(greenfield: Tenant, ben: Browser) -> None:
    carrots = make_product(greenfield)
    first, second, third = (make_order(greenfield, {carrots: "1"}) for _ in range(3))
    address = f"/greenfield/orders/readiness?tab=to-prepare&day={first.pickup_on}&x=1"

    answer = ben.post(address, data={"order": [first.number, third.number, first.number]})

    assert answer.location == f"/greenfield/orders?tab=to-prepare&day={first.pickup_on}"
    assert "2 orders are ready." in landed(ben, answer)
    assert [state_of(greenfield, one)[0] for one in (first, second, third)] == [
        OrderState.READY, OrderState.TO_PREPARE, OrderState.READY,
    ]  # fmt: skip


def test_one_order_that_has_changed_stops_no_other(greenfield: Tenant, ben: Browser) -> None:
    carrots = make_product(greenfield)
    gone, waits = (make_order(greenfield, {carrots: "1"}) for _ in range(2))
    with acting_for(greenfield.id):
        cancel_order(order_id=gone.id, reason="Hail", cancelled_by=new_id())

    answer = ben.post("/greenfield/orders/readiness", data={"order": [gone.number, waits.number]})

    assert answer.status_code == 409
    assert "1 order is ready." in answer.text
    assert "Order 1001 has changed meanwhile" in answer.text
    assert state_of(greenfield, waits)[0] is OrderState.READY
    assert state_of(greenfield, gone)[0] is OrderState.CANCELLED


def test_ticking_nothing_marks_nothing(greenfield: Tenant, order: Order, ben: Browser) -> None:
    answer = ben.post("/greenfield/orders/readiness?tab=to-prepare")

    assert answer.status_code == 422
    assert "Tick at least one order first." in answer.text
    assert state_of(greenfield, order)[0] is OrderState.TO_PREPARE


@pytest.mark.parametrize("foreign", ["1002", "x", "-1", "1001 ", "99999999999999999999"])
def test_a_number_of_the_neighbours_stops_all_of_it(
    greenfield: Tenant, hillside: Tenant, order: Order, ben: Browser, foreign: str
) -> None:
    make_order(hillside)
    theirs = make_order(hillside)

    answer = ben.post("/greenfield/orders/readiness", data={"order": [str(order.number), foreign]})

    assert answer.status_code == 404
    assert state_of(greenfield, order)[0] is OrderState.TO_PREPARE
    assert state_of(hillside, theirs)[0] is OrderState.TO_PREPARE


def test_nothing_is_done_without_the_forms_token(
    app: Flask, greenfield: Tenant, order: Order, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    take(greenfield, order)

    for noun, typed in FORMS.items():
        assert act(ana, order, noun, **typed).status_code == 400
    assert state_of(greenfield, order) == (OrderState.TO_PREPARE, PaidState.PAID)
