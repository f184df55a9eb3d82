"""What a thief of a sign-in would want is asked for again: every such route, and none forgotten."""

import pytest
from flask import Flask

from tenants.people.rules import Permission
from tests.world.routes import Call, all_calls

# Rights over money and people. Each change behind them needs a fresh proof, or says why not.
GUARDED = {Permission.EDIT_PAYMENTS.value, Permission.MANAGE_PEOPLE.value}
SENSITIVE = {
    "account.begin",
    "account.confirm_factor",
    "account.end_other_sessions",
    "account.end_session",
    "account.remove_factor",
    "account.renew_codes",
    "account.show_set_up",
    "backoffice.ask_everyone_for_factor",
    "backoffice.begin_stripe_onboarding",
    "backoffice.choose_at_pickup",
    "backoffice.choose_payment_mode",
    "backoffice.invite_person",
    "backoffice.remove_key",
    "backoffice.remove_person",
    "backoffice.reset_factor",
    "backoffice.save_key",
    "backoffice.set_role",
}
NOT_SENSITIVE = {
    "account.change_account": "a name and a language",
    "account.confirm": "the proof itself",
    "account.join": "an owner who has just proved it gave the link, and owners get a mail",
    "account.open_another_shop": "a new shop, in which nothing is at stake yet",
    "account.set_password": "asks for the present password; with a second factor for a code, too",
    "backoffice.take_invitation_back": "takes a right away that nobody has used",
}


def changes(app: Flask) -> list[Call]:
    return [
        call
        for call in all_calls(app)
        if not call.reads and (call.policy.name == "signed_in" or call.policy.needs in GUARDED)
    ]


def test_every_sensitive_route_asks_for_a_fresh_proof(app: Flask) -> None:
    asking = {call.rule.endpoint for call in all_calls(app) if call.policy.step_up}
    assert {name for name in asking if not name.startswith("console")} == SENSITIVE


def test_no_change_to_money_people_or_ones_own_account_is_forgotten(app: Flask) -> None:
    found = {call.rule.endpoint for call in changes(app)}
    unsaid = found - SENSITIVE - set(NOT_SENSITIVE)
    assert not unsaid, f"step_up=True, or say in NOT_SENSITIVE why not: {sorted(unsaid)}"
    assert set(NOT_SENSITIVE) <= found, "no route has these names any more"


@pytest.mark.parametrize("name", sorted(SENSITIVE))
def test_a_sensitive_route_is_known_by_its_name(app: Flask, name: str) -> None:
    assert name in app.view_functions
