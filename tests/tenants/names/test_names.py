"""Nobody speaks as the platform, nor under a neighbour's name."""

from threading import Barrier, Thread

import pytest
from flask import Flask

from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.accounts.services import NewShop, open_shop
from tenants.names.errors import NameIsThePlatforms, NameTaken
from tenants.names.rules import look_of, speaks_as_the_platform
from tenants.names.services import claim_shop_name
from tenants.people.services.profiles import change_person
from tests.conftest import browse
from tests.factories.tenants import make_person


@pytest.mark.parametrize(
    "name",
    [
        "Sheaf", "sheaf", " S h e a f ", "SHEAF.", "Sheaf Support", "Sheaf 客服", "The Sheaf Team",
        "Ѕhеаf", "Ｓｈｅａｆ", "Shéaf", "𝐒𝐡𝐞𝐚𝐟", "She\u200daf", "Sheaf security", "Sheaf-Payments",
    ],
)  # fmt: skip
def test_a_name_that_is_read_as_the_platforms_is_known(name: str) -> None:
    assert speaks_as_the_platform(name)


@pytest.mark.parametrize(
    "name", ["Golden Sheaf Farm", "Sheafield", "Shea Farm", "绿野合作社", "客服", "Support", "小店"]
)
def test_another_name_is_not(name: str) -> None:
    assert not speaks_as_the_platform(name)
    assert look_of(name)


@pytest.mark.parametrize(
    "name",
    [
        "greenfield growers", "GREENFIELD  GROWERS e.V.", "Greenfie1d Growers",
        "Gгееnfield Growers", "Greenfleld Growers", "Greenfield Growers Support",
        "Greenfield-Growers", "Gréenfield Growers",
    ],
)  # fmt: skip
def test_a_neighbours_name_is_refused_however_it_is_drawn(app: Flask, name: str) -> None:
    open_as("Greenfield Growers", "greenfield")
    with pytest.raises(NameTaken):
        open_as(name, "other")
    open_as("Greenfield Growers Aalen", "aalen")


def open_as(name: str, slug: str) -> None:
    owner = make_person("Ana", email=f"{slug}@example.org").id
    shop = NewShop(name, slug, "EUR", "Europe/Berlin", ["en"])
    open_shop(shop=shop, owner_id=owner)


def test_a_person_is_not_called_like_the_platform(app: Flask) -> None:
    ana = make_person("Ana").id
    with pytest.raises(NameIsThePlatforms):
        change_person(person_id=ana, name="Sheaf Security", language="en")


def test_a_shop_keeps_its_own_name_and_frees_the_one_before(
    greenfield: Tenant, hillside: Tenant
) -> None:
    with acting_for(greenfield.id):
        claim_shop_name("Sunny Acres")
        claim_shop_name("Sunny  acres")
    with acting_for(hillside.id), pytest.raises(NameTaken):
        claim_shop_name("SUNNY ACRES")
    with acting_for(greenfield.id):
        claim_shop_name("Rainy Acres")
    with acting_for(hillside.id):
        claim_shop_name("Sunny Acres")


@pytest.mark.race
def test_of_two_who_claim_a_name_at_once_one_has_it(
    app: Flask, greenfield: Tenant, hillside: Tenant
) -> None:
    outcomes: list[str] = []
    together = Barrier(2)

    def claim(tenant: Tenant) -> None:
        with app.app_context(), acting_for(tenant.id):
            together.wait()
            try:
                claim_shop_name("Sunny Acres")
                outcomes.append("has it")
            except NameTaken:
                outcomes.append("refused")

    threads = [Thread(target=claim, args=(one,)) for one in (greenfield, hillside)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["has it", "refused"]


def test_the_sign_up_says_at_its_field_that_a_name_is_sheafs(app: Flask) -> None:
    wish = {"shop_name": "Sheaf", "slug": "sheaf-farm", "email": "e@example.org",
            "password": "correct horse battery staple", "currency": "EUR",
            "time_zone": "Europe/Berlin"}  # fmt: skip
    answer = browse(app, "sheaf.test").post("/sign-up", data=wish)

    assert answer.status_code == 422
    assert "taken for Sheaf itself" in answer.text
    assert 'value="sheaf-farm"' in answer.text
