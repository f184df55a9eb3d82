"""The page that stands for Stripe's onboarding of a connected account."""

from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from billing.sandbox.here import sandbox
from billing.sandbox.pages.words import language, words
from billing.sandbox.resources import account_links, accounts
from billing.sandbox.store import Thing
from billing.sandbox.world import PLATFORM, World

pages = Blueprint("onboarding", __name__)


@pages.get("/connect/<link_id>")
def connect(link_id: str) -> ResponseReturnValue:
    link = _link(sandbox().world, link_id)
    if not account_links.is_open(sandbox().world, link):
        return redirect(link["refresh_url"], HTTPStatus.SEE_OTHER)
    account = sandbox().world.store.find(PLATFORM, "account", link["account"])
    lang = language(request.args.get("lang"))
    return render_template(
        "sandbox/connect.html",
        lang=lang,
        words=words(lang),
        account=account,
        name=accounts.display_name(sandbox().world, link["account"]),
    )


@pages.post("/connect/<link_id>")
def leave(link_id: str) -> ResponseReturnValue:
    link = _link(sandbox().world, link_id)
    if not account_links.is_open(sandbox().world, link):
        return redirect(link["refresh_url"], HTTPStatus.SEE_OTHER)
    complete = request.form.get("action") == "finish"
    account_links.finish(sandbox().world, link, complete=complete)
    sandbox().nudge()
    return redirect(link["return_url"], HTTPStatus.SEE_OTHER)


def _link(world: World, link_id: str) -> Thing:
    located = world.store.locate("account_link", link_id) or abort(HTTPStatus.NOT_FOUND)
    return located[1]
