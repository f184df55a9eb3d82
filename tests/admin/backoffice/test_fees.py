"""What Sheaf costs, as the shop sees it."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from admin.backoffice.sheets import safe_cell
from billing.connections.models import PaymentMethod
from billing.metering.models import UsageReject
from billing.payments.services import record_at_pickup, refresh_payment, request_payment
from billing.refunds.services import request_refund
from billing.sandbox import Sandbox
from kernel import clock
from kernel.db import db, new_id
from kernel.money import Money
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tests.browsers import Browser
from tests.factories.billing import make_connection, make_payment, pay
from tests.jobs import run_due_jobs

PAGE = "/greenfield/fees"


def sell_at_pickup(app: Flask, tenant: Tenant, minor: int) -> None:
    payment = make_payment(tenant, minor, method=PaymentMethod.AT_PICKUP)
    with acting_for(tenant.id):
        record_at_pickup(payable_id=payment.payable_id, taken_by=new_id())
    run_due_jobs(app)


def sell_online(app: Flask, tenant: Tenant, sandbox: Sandbox, minor: int, back: int = 0) -> None:
    payment = pay(tenant, sandbox, minor)
    with acting_for(tenant.id):
        refresh_payment(payment_id=payment.id)
        if back:
            request_refund(
                payable_id=payment.payable_id, amount=Money(back, "EUR"), reason="",
                requested_by=None,
            )  # fmt: skip
    run_due_jobs(app)


def test_a_new_shop_reads_what_will_be_here(ana: Browser) -> None:
    page = ana.get(PAGE)
    assert page.status_code == 200
    assert "No fees yet" in page.get_data(as_text=True)
    assert ana.get("/greenfield/fees.csv").status_code == 200


def test_each_fee_has_its_sale_its_rate_and_its_volume(
    app: Flask, ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    sell_online(app, greenfield, sandbox, 10_000, back=4_000)  # fee 2.50, then 1.00 of it back
    sell_at_pickup(app, greenfield, 2_000)  # fee 0.50, billed later

    text = ana.get(PAGE).get_data(as_text=True)

    for words in ("2.5 %", "taken from the payment", "billed later", "Seed", "Free"):
        assert words in text, words
    sums = [Money(n, "EUR").decimal for n in (12_000, 4_000, 200, 150, 50)]
    for amount in sums:  # sales, refunds, fees, taken, still to be billed
        assert f"€{amount}" in text, amount
    assert "-€40.00" in text
    assert "-€1.00" in text


def test_the_file_has_the_same_numbers_and_no_formulas(
    app: Flask, ana: Browser, greenfield: Tenant, sandbox: Sandbox
) -> None:
    make_connection(greenfield, sandbox)
    sell_online(app, greenfield, sandbox, 10_000, back=4_000)
    answer = ana.get("/greenfield/fees.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["Amount"], row["Fee"], row["Rate in percent"]) for row in rows] == [
        ("-40.00", "-1.00", "2.5"),
        ("100.00", "2.50", "2.5"),
    ]
    assert rows[0]["Sold after"] == "60.00"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\0=x", "＝1", "－1"])
def test_a_text_never_becomes_a_formula(text: str) -> None:
    assert str(safe_cell(text)).startswith("'")
    assert "\0" not in str(safe_cell(text))
    assert safe_cell("carrots") == "carrots"
    assert safe_cell(-5) == -5
    assert safe_cell("") == ""


def test_two_currencies_are_never_added(app: Flask, ana: Browser, greenfield: Tenant) -> None:
    sell_at_pickup(app, greenfield, 10_000)
    with acting_for(greenfield.id):
        payment = request_payment(
            payable_id=new_id(), amount=Money(5_000, "JPY"), method=PaymentMethod.AT_PICKUP
        )
        record_at_pickup(payable_id=payment.payable_id, taken_by=new_id())
    run_due_jobs(app)
    text = ana.get(PAGE).get_data(as_text=True)
    assert "This month in EUR" in text
    assert "This month in JPY" in text
    assert "¥125" in text


def test_another_month_can_be_looked_at(
    app: Flask, ana: Browser, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    with monkeypatch.context() as earlier:
        earlier.setattr(clock, "now", lambda: now - timedelta(days=40))
        sell_at_pickup(app, greenfield, 1_000)
    sell_at_pickup(app, greenfield, 77_700)

    newest = ana.get(PAGE).get_data(as_text=True)
    assert "€777.00" in newest
    assert "€10.00" not in newest
    first = ana.get(f"{PAGE}?month=0").get_data(as_text=True)
    assert "€10.00" in first
    assert "€777.00" not in first
    assert ana.get(f"{PAGE}?month=nonsense&page=-4").status_code == 200


def test_what_could_not_be_counted_is_said(
    app: Flask, ana: Browser, greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment(greenfield, 1_000, method=PaymentMethod.AT_PICKUP)
    with acting_for(greenfield.id):
        taken = record_at_pickup(payable_id=payment.payable_id, taken_by=new_id())
        taken.occurred_at = clock.now() + timedelta(hours=1)
        db.session.commit()
    run_due_jobs(app)
    with acting_for(greenfield.id):
        assert db.session.scalars(select(UsageReject.reason)).all() == ["in_the_future"]
    assert "could not be counted" in ana.get(PAGE).get_data(as_text=True)


def test_packers_and_neighbours_do_not_see_them(
    app: Flask, ben: Browser, carol: Browser, greenfield: Tenant
) -> None:
    sell_at_pickup(app, greenfield, 123_400)
    for path in (PAGE, "/greenfield/fees.csv"):
        assert ben.get(path).status_code == 403
        assert carol.get(path).status_code == 404
    own = carol.get("/hillside/fees").get_data(as_text=True)
    assert "1,234" not in own


def test_a_longer_list_asks_the_database_no_more_often(
    app: Flask, ana: Browser, greenfield: Tenant
) -> None:
    counts = []
    for more in (1, 9):
        for _ in range(more):
            sell_at_pickup(app, greenfield, 1_000)
        sent: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            sent.append(statement)  # noqa: B023 - listened to in this round only

        event.listen(db.engine, "before_cursor_execute", note)
        ana.get(PAGE)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[0] == counts[1]
