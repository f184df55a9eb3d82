"""Every route of a shop that is suspended or closed, asked by everyone: findings A2, C40, D22."""

import psycopg
import pytest
from flask import Flask

from tenants import resolve
from tenants.accounts.models import TenantState
from tenants.accounts.services import close_tenant, suspend_tenant
from tenants.people.rules import WHILE_STOPPED, Permission, Role, may
from tests.rules.routes_walk import ask
from tests.world import tables
from tests.world.cast import ROLES
from tests.world.routes import Call, Case, Place, calls
from tests.world.story import World

STOPS = {TenantState.SUSPENDED: suspend_tenant, TenantState.CLOSED: close_tenant}
PAPERS = {
    "shop.show_order", "shop.come_back", "shop.show_calendar", "shop.return_paid",
    "shop.return_unpaid", "shop.refuse_other_day", "shop.return_from_refusal",
    "shop.show_account", "shop.ask_email", "shop.send_code", "shop.ask_code", "shop.check_code",
    "shop.leave", "shop.remove_device", "shop.show_theme", "shop_pictures.show_in_shop",
}  # fmt: skip
SHUT = {TenantState.SUSPENDED: 503, TenantState.CLOSED: 410}


def stop(world: World, state: TenantState) -> Place:
    STOPS[state](tenant_id=world.greenfield.tenant.id, reason="Phishing")
    resolve.forget_hosts()
    return Place(world, world.greenfield, world.greenfield)


@pytest.mark.parametrize("state", STOPS)
def test_shoppers_reach_their_papers_and_nothing_else(
    app: Flask, world: World, admin: psycopg.Connection, state: TenantState
) -> None:
    here, wrong, seen = stop(world, state), [], set()
    for call in calls(app, "shop"):
        endpoint = call.rule.endpoint
        answer = ask(app, Case(call, "shopper"), here).status_code
        if endpoint in PAPERS:
            seen.add(endpoint)
            fine = answer not in {*SHUT.values(), 500}
        else:
            fine = answer == SHUT[state]
        if not fine:
            wrong.append(f"{call}: {answer}")
        if not call.reads and answer < 400:
            tables.put_back(admin)
            stop(world, state)
    assert wrong == []
    assert seen == PAPERS


@pytest.mark.parametrize("state", STOPS)
@pytest.mark.parametrize("who", ROLES)
def test_its_people_wind_it_up_and_do_nothing_else(
    app: Flask, world: World, admin: psycopg.Connection, state: TenantState, who: str
) -> None:
    here, wrong, reached = stop(world, state), [], 0
    for call in calls(app, "app"):
        if call.policy.name != "member":
            continue
        answer = ask(app, Case(call, who), here).status_code
        let_in = may_work(ROLES[who], call, state)
        reached += let_in
        if not fits(answer, state, ROLES[who], let_in=let_in):
            wrong.append(f"{who}: {call} gave {answer}")
        if not call.reads and answer < 400:
            tables.put_back(admin)
            stop(world, state)
    assert wrong == []
    assert bool(reached) is (state is TenantState.SUSPENDED or ROLES[who] is Role.OWNER)


def may_work(role: Role, call: Call, state: TenantState) -> bool:
    """What the decision says, worked out here once more."""
    needs = Permission(call.policy.needs)
    open_to = role is Role.OWNER or state is TenantState.SUSPENDED
    return open_to and needs in WHILE_STOPPED and may(role, needs)


def fits(answer: int, state: TenantState, role: Role, *, let_in: bool) -> bool:
    if let_in:
        return answer in {200, 303, 404, 409, 422}
    return answer == (404 if state is TenantState.CLOSED and role is not Role.OWNER else 403)


def test_what_is_left_sells_nothing_and_changes_nothing_of_the_shop() -> None:
    sells = {
        Permission.EDIT_PRODUCTS, Permission.EDIT_STOCK, Permission.EDIT_PICKUP,
        Permission.EDIT_SHOP, Permission.EDIT_PAYMENTS, Permission.MANAGE_PEOPLE,
    }  # fmt: skip
    assert not sells & WHILE_STOPPED
    assert sells | WHILE_STOPPED == set(Permission)
