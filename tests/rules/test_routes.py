"""Every route, asked by everyone, with ids of the neighbour: finding T2, decision D3.

The matrix is walked from `app.url_map`, so a new route is in it at once. It is walked with both
guards of tenancy and with each switched off in turn: one alone must hold.
"""

import io

import psycopg
import pytest
from flask import Flask

from tests.canaries import MARK, seen_in
from tests.rules.guards import MODES, guards
from tests.rules.routes_walk import answer_to, ask, touched, walk
from tests.world import tables
from tests.world.cast import AT_HOME, COOKIES
from tests.world.routes import EXPECTED, PARAMETERS, Case, Place, all_calls, calls
from tests.world.story import World

SURFACES = tuple(AT_HOME)
# Changes whose form is on no page of the world, and why.
NO_FORM = {
    "account.finish_sign_in": "only between the password and the code",
    "account.remove_factor": "Ana has no second factor yet",
    "account.renew_codes": "the same",
    "backoffice.reset_factor": "nor has anyone who works with her",
    "backoffice.begin_stripe_onboarding": "both shops are connected",
    "backoffice.drop_samples": "both shops sell their own",
    "backoffice.move_to_another_day": "no order was paid too late",
    "backoffice.remove_key": "no shop has keys of its own",
    "backoffice.settle_refund_otherwise": "no refund failed",
    "hooks.receive": "Stripe sends it",
    "shop.refuse_other_day": "no order was moved",
    "shop.take_changes": "nothing in the cart has changed",
}
# Whom the guards of a page let through to its queries; the others turn back before.
INSIDERS = ("shopper", "Ana", "Carol")


def test_every_parameter_and_policy_is_known(app: Flask) -> None:
    missing = [
        f"{call}: say in PARAMETERS of tests/world/routes.py what names a shop's own thing as "
        f"'{call.rule.endpoint.partition('.')[0]}:{name}' (or '{call.rule.endpoint}:{name}')"
        for call in all_calls(app)
        for name in call.unknown
    ]
    missing += [
        f"{call}: say in EXPECTED of tests/world/routes.py what '{call.policy.name}' answers whom"
        for call in all_calls(app)
        if call.policy.name not in EXPECTED
    ]
    used = {call.key(name) for call in all_calls(app) for name in call.rule.arguments}
    assert not missing, "\n".join(missing)
    assert set(PARAMETERS) - used == set(), "no route has these parameters any more"


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("mode", MODES)
def test_no_route_shows_or_changes_the_neighbour(
    mode: str, surface: str, world: World, app: Flask, admin: psycopg.Connection,
    log_lines: io.StringIO,
) -> None:  # fmt: skip
    with guards(mode, admin):
        wrong = list(walk(app, world, admin, surface, COOKIES if mode == MODES[0] else INSIDERS))
    assert not wrong, "\n".join(wrong)
    assert seen_in(log_lines.getvalue()) == []
    assert touched(world, admin) == []


@pytest.mark.parametrize("surface", SURFACES)
def test_everyone_reaches_their_own(
    surface: str, world: World, app: Flask, admin: psycopg.Connection
) -> None:
    """The matrix above would also pass if nothing worked at all."""
    own = Place(world, world.greenfield, world.greenfield)
    everyone = AT_HOME[surface]
    wrong = [
        sentence
        for call in calls(app, surface)
        for who in (everyone if call.policy.name == "member" else everyone[:1])
        for sentence in answer_to(app, admin, Case(call, who), own)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_neighbours_own_people_do_see_the_marks(world: World, app: Flask) -> None:
    """Nothing could be found on Greenfield's pages that is not on Hillside's own."""
    theirs = Place(world, world.hillside, world.hillside)
    pages = {
        call.rule.endpoint: ask(app, Case(call, "Carol"), theirs)
        for call in calls(app, "app")
        if call.reads and call.policy.name == "member"
    }
    shown = {name: answer.text for name, answer in pages.items() if answer.status_code != 303}
    assert len(shown) > 10
    assert {name for name, text in shown.items() if not seen_in(text)} == set()


def test_every_change_has_a_form_on_a_page(world: World, app: Flask) -> None:
    """So the matrix sends what people would send, not empty forms."""
    changes = {call.rule.endpoint for call in all_calls(app) if not call.reads}
    without = changes - set(world.forms) - set(NO_FORM)
    assert not without, f"let the story lead to a page with it, or say why not: {sorted(without)}"
    assert set(NO_FORM) & set(world.forms) == set()


def test_without_any_guard_the_matrix_does_see_the_neighbour(
    world: World, app: Flask, admin: psycopg.Connection
) -> None:
    """The red control: the same walk, with nothing in the way, finds what it looks for."""
    # With two profiles in sight every page would break before it could show anything.
    tables.drop(admin, "shop_profiles", world.hillside.tenant.id)
    with guards("no guards", admin):
        office = [*walk(app, world, admin, "app", ["Ana"])]
        tables.drop(admin, "shop_profiles", world.hillside.tenant.id)
        shop = [*walk(app, world, admin, "shop", ["shopper"])]
    assert any(MARK in sentence for sentence in office)
    assert any(MARK in sentence for sentence in shop)
