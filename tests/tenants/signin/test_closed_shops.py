"""What a shop's host says while the shop rests, and after it is gone."""

import pytest

from tenants import resolve
from tenants.accounts.errors import NeedsReason, WrongState
from tenants.accounts.models import Tenant, TenantState
from tenants.accounts.services import close_tenant, preview_state, resume_tenant, suspend_tenant
from tests.conftest import Browser


def test_a_suspended_shop_rests_and_can_be_resumed(
    greenfield: Tenant, shopper: Browser, neighbour: Browser, ana: Browser
) -> None:
    suspend_tenant(tenant_id=greenfield.id, reason="Unpaid")
    resolve.forget_hosts()

    answer = shopper.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Greenfield Growers" in answer.text
    assert "resting" in answer.text
    assert "Unpaid" not in answer.text
    assert shopper.post("/anything").status_code == 503
    assert neighbour.get("/").status_code != 503
    assert ana.get("/greenfield/").status_code == 200

    resume_tenant(tenant_id=greenfield.id, reason="Paid")
    resolve.forget_hosts()
    assert shopper.get("/").status_code != 503


def test_a_closed_shop_is_gone(greenfield: Tenant, shopper: Browser, ana: Browser) -> None:
    close_tenant(tenant_id=greenfield.id, reason="They asked")
    resolve.forget_hosts()

    answer = shopper.get("/", headers={"Accept-Language": "zh"})
    assert answer.status_code == 410
    assert "Greenfield Growers" in answer.text
    assert ana.get("/greenfield/").status_code == 200  # to wind it up, see test_stopped_shops
    assert ana.get("/greenfield/settings").status_code == 403
    with pytest.raises(WrongState):
        resume_tenant(tenant_id=greenfield.id, reason="Changed their mind")


def test_a_change_needs_a_reason_and_the_right_state(greenfield: Tenant) -> None:
    with pytest.raises(NeedsReason):
        suspend_tenant(tenant_id=greenfield.id, reason=" ")
    with pytest.raises(WrongState):
        resume_tenant(tenant_id=greenfield.id, reason="Why not")
    preview = preview_state(tenant_id=greenfield.id, to=TenantState.CLOSED)
    assert (preview.allowed, preview.address) == (True, "http://greenfield.shops.test")
    assert not preview_state(tenant_id=greenfield.id, to=TenantState.ACTIVE).allowed
