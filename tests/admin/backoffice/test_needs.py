"""What needs a person of the shop is told, listed, counted, and ended by a named decision; goods do
not follow money that is back (findings M3, M10, M12, A5)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from billing.connections.models import PaymentMethod
from billing.disputes.models import Dispute
from billing.payments.queries import payments_of
from billing.payments.services import refresh_payment
from billing.refunds.models import RefundState
from billing.refunds.queries import refunds_of, waiting_refunds
from billing.sandbox import Sandbox, cards
from kernel import clock
from kernel.db import new_id, transaction
from kernel.money import Money
from kernel.scope import acting_for
from storefront.fulfilment.errors import MoneyInQuestion
from storefront.fulfilment.services import mark_ready, take_payment
from storefront.needs.queries import Need, count_needs, list_needs
from storefront.orders.jobs import on_payment_slow
from storefront.orders.models import Order, OrderEventKind, OrderState, PaidState
from storefront.orders.services import cancel_order, refund_order
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection
from tests.factories.orders import go_and_pay, make_order, read_order
from tests.jobs import run_due_jobs

OFFICE = "/greenfield/orders/1001"
MIA = "mia@example.org"


@pytest.fixture
def online(app: Flask, greenfield: Tenant, sandbox: Sandbox) -> Order:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order)
    run_due_jobs(app)
    return order


@pytest.fixture
def by_hand(app: Flask, greenfield: Tenant) -> Order:
    order = make_order(greenfield)
    with acting_for(greenfield.id):
        take_payment(order_id=order.id, taken_by=new_id())
    run_due_jobs(app)
    return order


def needs(tenant: Tenant) -> list[Need]:
    with acting_for(tenant.id):
        found = [one.need for one in list_needs()]
        assert count_needs() == len(found)
    return found


def refund_all(tenant: Tenant, order: Order, **how: Any) -> None:
    with acting_for(tenant.id):
        refund_order(order_id=order.id, amount=None, reason="Soft", refunded_by=new_id(), **how)


def test_a_failed_refund_needs_somebody_until_it_is_settled_by_a_named_decision(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, online: Order, ana: Browser
) -> None:
    sandbox.switch(refund_next="failed")
    refund_all(greenfield, online)
    run_due_jobs(app)

    assert needs(greenfield) == [Need.REFUND_FAILED]
    assert "€3.50 could not be paid back to Mia Brandt." in ana.get("/greenfield/needs-you").text
    assert "need you" in ana.get("/greenfield/").text
    with acting_for(greenfield.id):
        (refund,) = refunds_of(online.id)
    settled = f"{OFFICE}/settlements"
    assert ana.post(settled, data={"refund": str(refund.id), "note": " "}).status_code == 422
    assert ana.post(settled, data={"refund": "x", "note": "Cash"}).status_code == 404
    assert needs(greenfield) == [Need.REFUND_FAILED]

    data = {"refund": str(refund.id), "note": "Gave it in cash on Friday"}
    assert ana.post(settled, data=data).status_code == 303
    assert ana.post(settled, data=data).status_code == 409

    assert needs(greenfield) == []
    page = ana.get(OFFICE).text
    assert "Gave it in cash on Friday" in page
    assert "Refund this amount" not in page  # it would be paid a second time
    assert "Nothing needs you" in ana.get("/greenfield/needs-you").text


def test_a_failed_refund_that_is_tried_again_and_works_needs_nobody(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, online: Order
) -> None:
    sandbox.switch(refund_next="failed")
    refund_all(greenfield, online)
    run_due_jobs(app)

    refund_all(greenfield, online)
    run_due_jobs(app)

    assert needs(greenfield) == []
    assert read_order(greenfield, online.id).paid_state is PaidState.REFUNDED


def test_money_that_nobody_can_see_needs_somebody_once_it_lasts(
    app: Flask, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    with acting_for(greenfield.id), transaction():
        payments_of(order.id, lock=True)[0].unknown_since = clock.now()

    assert needs(greenfield) == []
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        assert needs(greenfield) == [Need.PAYMENT_UNKNOWN]


def test_money_that_came_too_late_needs_somebody_who_chooses_another_day(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, ana: Browser
) -> None:
    make_connection(greenfield, sandbox)
    order = make_order(greenfield, method=PaymentMethod.STRIPE)
    go_and_pay(greenfield, sandbox, order, card=cards.DELAYED)
    with acting_for(greenfield.id):
        on_payment_slow(payable_id=order.id)
    with time_machine.travel(clock.now() + timedelta(days=3), tick=True):
        run_due_jobs(app)
        assert needs(greenfield) == [Need.MONEY_STUCK]
        sandbox.settle()
        with acting_for(greenfield.id):
            refresh_payment(payment_id=payments_of(order.id)[0].id)
        run_due_jobs(app)
        assert needs(greenfield) == [Need.PAID_LATE]

        page = ana.get(OFFICE).text
        assert "Paid too late for its day" in page
        assert "Mark ready" not in page
        choice = page.split('id="other-day"')[1].split('<option value="')[1].split('"')[0]
        assert ana.post(f"{OFFICE}/day", data={"day": "nonsense"}).status_code == 422
        assert ana.post(f"{OFFICE}/day", data={"day": choice}).status_code == 303
        assert needs(greenfield) == []
        assert read_order(greenfield, order.id).state is OrderState.TO_PREPARE


def test_cash_is_not_given_back_before_a_person_says_they_handed_it(
    app: Flask, greenfield: Tenant, by_hand: Order, ana: Browser, outbox: list[Any]
) -> None:
    outbox.clear()
    with acting_for(greenfield.id):
        cancel_order(order_id=by_hand.id, reason="Hail", cancelled_by=new_id())
    run_due_jobs(app)

    (told,) = [mail for mail in outbox if mail.to == [MIA]]
    assert "The shop still has to hand €3.50 back to you." in told.body
    assert "was handed back" not in told.body
    assert read_order(greenfield, by_hand.id).paid_state is PaidState.PAID
    assert needs(greenfield) == [Need.HAND_BACK]
    later = time_machine.travel(clock.now() + timedelta(hours=2), tick=True)
    with later, acting_for(greenfield.id):
        assert list(waiting_refunds()) == []  # Stripe is never asked for it

    with acting_for(greenfield.id):
        (refund,) = refunds_of(by_hand.id)
    data = {"refund": str(refund.id)}
    assert ana.post(f"{OFFICE}/hand-backs", data=data).status_code == 303
    assert ana.post(f"{OFFICE}/hand-backs", data=data).status_code == 409
    run_due_jobs(app)

    assert needs(greenfield) == []
    over = read_order(greenfield, by_hand.id)
    assert over.paid_state is PaidState.REFUNDED
    back = [e for e in over.events if e.kind is OrderEventKind.REFUNDED]
    assert [event.actor_name for event in back] == ["Ana"]
    assert "€3.50 was handed back to you." in outbox[-1].body


def test_who_hands_cash_back_while_cancelling_tells_the_shopper_once(
    app: Flask, greenfield: Tenant, by_hand: Order, ana: Browser, outbox: list[Any]
) -> None:
    outbox.clear()
    data = {"reason": "Hail", "handed_back": "y"}
    assert ana.post(f"{OFFICE}/cancellation", data=data).status_code == 303
    run_due_jobs(app)

    (told,) = [mail for mail in outbox if mail.to == [MIA]]
    assert "€3.50 was handed back to you." in told.body
    with acting_for(greenfield.id):
        assert refunds_of(by_hand.id)[0].state is RefundState.SUCCEEDED
    assert needs(greenfield) == []


@pytest.mark.parametrize("how", ["refunded", "on its way", "failed"])
def test_goods_follow_money_that_is_back_or_in_question_only_by_a_named_decision(
    app: Flask, greenfield: Tenant, sandbox: Sandbox, online: Order, ana: Browser, how: str
) -> None:
    with acting_for(greenfield.id):
        mark_ready(order_id=online.id)
    if how != "refunded":
        sandbox.switch(refund_next={"on its way": "pending", "failed": "failed"}[how])
    refund_all(greenfield, online)
    run_due_jobs(app)
    code = {"code": online.pickup_code, "back": "hand-over"}

    counter = ana.get(f"/greenfield/hand-over?code={online.pickup_code}").text
    assert "Do not hand this over yet" in counter
    assert ">Hand over</button>" not in counter
    refused = ana.post(f"{OFFICE}/collection", data=code)
    assert refused.status_code == 409
    assert "Write why it goes out all the same" in refused.text
    assert read_order(greenfield, online.id).state is OrderState.READY

    said = {**code, "anyway": "Goodwill, the carrots were soft"}
    assert ana.post(f"{OFFICE}/collection", data=said).status_code == 303
    over = read_order(greenfield, online.id)
    assert over.state is OrderState.COLLECTED
    assert [e.note for e in over.events if e.kind is OrderEventKind.WENT_ON] == [said["anyway"]]


def test_an_order_that_is_wholly_paid_back_is_not_packed_by_the_list(
    app: Flask, greenfield: Tenant, online: Order, ana: Browser
) -> None:
    refund_all(greenfield, online)
    run_due_jobs(app)

    answer = ana.post("/greenfield/orders/readiness", data={"order": "1001", "do": "ready"})
    assert "has been paid back, or is in question" in answer.text
    assert read_order(greenfield, online.id).state is OrderState.TO_PREPARE
    said = {"anyway": "They still want it"}
    assert ana.post(f"{OFFICE}/readiness", data=said).status_code == 303
    assert read_order(greenfield, online.id).state is OrderState.READY


def test_an_order_that_is_partly_paid_back_goes_out_without_a_question(
    app: Flask, greenfield: Tenant, online: Order
) -> None:
    with acting_for(greenfield.id):
        refund_order(
            order_id=online.id, amount=Money(100, "EUR"), reason="Soft", refunded_by=new_id()
        )
        mark_ready(order_id=online.id)

    assert read_order(greenfield, online.id).state is OrderState.READY


def test_a_claim_of_the_shoppers_bank_needs_somebody_and_holds_the_goods(
    app: Flask, greenfield: Tenant, online: Order, ana: Browser
) -> None:
    with acting_for(greenfield.id), transaction() as session:
        (payment,) = payments_of(online.id)
        session.add(
            Dispute(
                payment_id=payment.id, payable_id=online.id, dispute_ref="dp_1",
                account_ref=payment.account_ref or "", amount_minor=350, currency="EUR",
                status="needs_response", stops_refunds=True, opened_at=clock.now(),
            )
        )  # fmt: skip

    assert needs(greenfield) == [Need.DISPUTED]
    assert "claims money of this order back" in ana.get("/greenfield/needs-you").text
    with acting_for(greenfield.id), pytest.raises(MoneyInQuestion):
        mark_ready(order_id=online.id)
    assert read_order(greenfield, online.id).state is OrderState.TO_PREPARE
