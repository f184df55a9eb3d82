"""What the sandbox holds, for the person who develops against it."""

from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from billing.sandbox import journal
from billing.sandbox.here import sandbox
from billing.sandbox.pages.words import language, money, words
from billing.sandbox.store import Thing

pages = Blueprint("front", __name__)


@pages.get("/")
def overview() -> ResponseReturnValue:
    lang = language(request.args.get("lang"))
    totals = journal.record(sandbox().world.store)["totals"]
    return render_template(
        "sandbox/front.html",
        lang=lang,
        words=words(lang),
        rows=[
            _row(account, totals.get(account["id"], {}), lang)
            for _, account in sandbox().world.store.list_everywhere("account")
        ],
        waiting=len(sandbox().pending_webhooks()),
    )


@pages.post("/")
def flush() -> ResponseReturnValue:
    sandbox().flush()
    return redirect(url_for("front.overview"), HTTPStatus.SEE_OTHER)


def _row(account: Thing, totals: dict[str, dict[str, int]], lang: str) -> Thing:
    def said(*plus: str, minus: str) -> str:
        return ", ".join(
            money(sum(sums[name] for name in plus) - sums[minus], currency, lang)
            for currency, sums in totals.items()
        )

    return {
        "id": account["id"],
        "name": account["settings"]["dashboard"]["display_name"],
        "ready": account["charges_enabled"],
        "captured": ", ".join(money(sums["captured"], code, lang) for code, sums in totals.items()),
        "refunded": said("refunded", minus="refunds_failed"),
        "fees": said("fees", minus="fees_returned"),
    }
