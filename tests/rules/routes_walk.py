"""The walk through the matrix: who asks what, what came back, and what is wrong with it."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import psycopg
from flask import Flask
from werkzeug.test import TestResponse

from tests.canaries import MARK, seen_in
from tests.rules.routes_headers import flaws
from tests.world import tables
from tests.world.cast import come, everything_in
from tests.world.routes import EXPECTED, Case, Place, calls
from tests.world.story import World

# Who may see the neighbour's: staff see every shop, and Carol is one of theirs.
THEIR_OWN = {"staff": "staff", "signed_in": "Carol"}


def walk(
    app: Flask, world: World, admin: psycopg.Connection, surface: str, people: Iterable[str]
) -> Iterator[str]:
    """Each wrong answer of a surface to somebody who names the neighbour's rows, as a sentence."""
    own = Place(world, world.greenfield, world.greenfield)
    crossed = Place(world, world.hillside, world.greenfield)
    theirs = Place(world, world.hillside, world.hillside)
    for call in calls(app, surface):
        named = call.address(app, crossed) != call.address(app, own)
        form = world.forms.get(call.rule.endpoint)
        inside = form is not None and form.filled(world.twins) != form.filled()
        for who in people:
            if who == THEIR_OWN.get(call.policy.name):
                continue
            yield from answer_to(app, admin, Case(call, who, named, foreign_form=inside), crossed)
            if call.policy.name == "member" and who != "Carol":
                yield from answer_to(app, admin, Case(call, who, foreign_shop=True), theirs)


def ask(app: Flask, case: Case, place: Place) -> TestResponse:
    """The answer. A change is sent the form of Greenfield's own page, with the ids of the rows
    that are named."""
    browser = come(app, place.world, case.who, case.call.surface)
    form = place.world.forms.get(case.call.rule.endpoint)
    names = place.world.twins if place.whose is place.world.hillside else None
    data = form.filled(names) if form is not None and not case.call.reads else None
    return browser.open(case.call.address(app, place), method=case.call.method, data=data)


def answer_to(app: Flask, admin: psycopg.Connection, case: Case, place: Place) -> Iterator[str]:
    """What is wrong with an answer, or with what it has done; that is taken back."""
    world, path = place.world, case.call.address(app, place)
    answer = ask(app, case, place)
    yield from judge(case, path, answer, EXPECTED[case.call.policy.name](case))
    if case.call.reads or answer.status_code >= 400:
        return
    if case.who != "staff":
        yield from (f"{case.who}: POST {path} changed {table}" for table in touched(world, admin))
    tables.put_back(admin)


def touched(world: World, admin: psycopg.Connection) -> list[str]:
    """In which tables the neighbour's rows are not as they were."""
    return tables.changed(world.untouched, tables.digests(admin, world.hillside.tenant.id))


def judge(case: Case, path: str, answer: TestResponse, expected: AbstractSet[int]) -> Iterator[str]:
    """What is wrong with an answer."""
    asked = f"{case.who}: {case.call.method} {path} [{case.call.rule.endpoint}]"
    if answer.status_code not in expected:
        yield f"{asked} gave {answer.status_code}, not {sorted(expected)}"
    given = everything_in(answer)
    for part in path.split("/"):
        given = given.replace(part, "") if MARK in part else given
    for mark in seen_in(given) if case.who != "staff" else []:
        yield f"{asked} shows {mark}"
    for flaw in flaws(answer):
        yield f"{asked}: {flaw}"
