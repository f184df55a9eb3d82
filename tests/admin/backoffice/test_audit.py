"""The history of a shop, for those who may see it."""

from tenants.accounts.models import Tenant
from tests.conftest import Browser


def test_what_was_done_is_told_with_names(ana: Browser) -> None:
    ana.post("/greenfield/settings", data={"name": "Greenfield"})
    ana.post("/greenfield/people/invitations", data={"role": "packer"})
    page = ana.get("/greenfield/history").text

    assert "Changed the settings" in page
    assert "Invited someone" in page
    assert "Packer" in page


def test_it_is_narrowed_by_person_and_kind(ana: Browser) -> None:
    ana.post("/greenfield/settings", data={"name": "Greenfield"})
    ana.post("/greenfield/people/invitations", data={"role": "packer"})

    only = ana.get("/greenfield/history?about=person").text
    assert "Invited someone" in only
    assert "Changed the settings" not in only
    for query in ("about=%25", "who=x", "page=-3", "page=99", "page=x", "about=_"):
        assert ana.get(f"/greenfield/history?{query}").status_code == 200


def test_packers_and_strangers_do_not_see_it(
    ana: Browser, ben: Browser, carol: Browser, greenfield: Tenant
) -> None:
    ana.post("/greenfield/settings", data={"name": "Greenfield"})

    assert ben.get("/greenfield/history").status_code == 403
    assert carol.get("/greenfield/history").status_code == 404
    assert "Changed the settings" not in carol.get("/hillside/history").text
