"""The first page of the day: what must be done, how the week went, what is still to set up."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.setup import missing_steps
from admin.backoffice.shell import queue_counts
from kernel import clock
from kernel.i18n import date_text, money_text
from kernel.money import Money
from storefront.catalog.queries import count_samples, count_sold_out
from storefront.fulfilment.queries import count_queues, list_daily_sales
from storefront.fulfilment.rules import Queue
from storefront.needs.queries import count_needs
from tenants.people.rules import Permission

DAYS = 7
NOON, EVENING = 12, 18


@backoffice.get("/")
@requires(Permission.SEE_ORDERS)
def show_today() -> ResponseReturnValue:
    """What waits for someone now, the last seven days, and the steps that are still open."""
    now = clock.now().astimezone(ZoneInfo(g.profile.time_zone))
    due = count_queues(day=now.date())
    return render_template(
        "backoffice/today.html",
        greeting=_greeting(now.hour),
        today=now.date(),
        due_today=due[Queue.TO_PREPARE] + due[Queue.READY],
        cards=_cards(),
        week=_week(now.date()),
        steps=missing_steps(),
        samples=count_samples() if g.member.can(Permission.EDIT_PRODUCTS) else 0,
    )


def _greeting(hour: int) -> str:
    if hour < NOON:
        return str(gettext("Good morning, %(name)s", name=g.member.name))
    if hour < EVENING:
        return str(gettext("Good afternoon, %(name)s", name=g.member.name))
    return str(gettext("Good evening, %(name)s", name=g.member.name))


def _cards() -> list[dict[str, object]]:
    queues, needs = queue_counts(), count_needs()
    waiting = [
        (gettext("to prepare"), Queue.TO_PREPARE),
        (gettext("ready"), Queue.READY),
        (gettext("to pay"), Queue.TO_PAY),
    ]
    urgent: dict[str, object] = {
        "label": gettext("need you"),
        "value": needs,
        "url": url_for("backoffice.list_what_needs_you"),
        "now": True,
    }
    cards: list[dict[str, object]] = [
        {
            "label": words,
            "value": queues[queue],
            "url": url_for("backoffice.list_orders", tab=queue.value),
            "now": queue is Queue.TO_PREPARE and queues[queue] > 0,
        }
        for words, queue in waiting
    ]
    if needs:
        cards.insert(0, urgent)
    if not g.member.can(Permission.EDIT_STOCK):
        return cards
    sold_out = count_sold_out()
    stock = url_for("backoffice.list_products")
    return [*cards, {"label": gettext("sold out"), "value": sold_out, "url": stock, "now": False}]


def _week(today: date) -> dict[str, object]:
    profile = g.profile
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    sales = list_daily_sales(since=days[0], zone=profile.time_zone, currency=profile.currency)
    nothing = Money(0, profile.currency)
    amounts = [sales.get(day, nothing) for day in days]
    return {
        "points": [
            {
                "label": date_text(day, "weekday"),
                "value": amount.minor,
                "words": money_text(amount),
            }
            for day, amount in zip(days, amounts, strict=True)
        ],
        "total": sum(amounts, nothing),
    }
