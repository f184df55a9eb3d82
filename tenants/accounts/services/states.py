"""Sheaf's staff suspend, resume and close shops, each with a reason that is kept."""

from dataclasses import dataclass
from uuid import UUID

from kernel import clock
from kernel.db import transaction
from kernel.errors import N_
from kernel.outbox import announce
from kernel.scope import acting_for
from tenants.accounts.errors import NeedsReason, WrongState
from tenants.accounts.models import Tenant, TenantState
from tenants.accounts.queries import get_tenant, shop_origin
from tenants.alerts.services import alert
from tenants.audit.services import record
from tenants.people.queries import list_members

FROM: dict[TenantState, set[TenantState]] = {
    TenantState.SUSPENDED: {TenantState.ACTIVE},
    TenantState.ACTIVE: {TenantState.SUSPENDED},
    TenantState.CLOSED: {TenantState.ACTIVE, TenantState.SUSPENDED},
}
TOPICS = {
    TenantState.SUSPENDED: "shop.suspended",
    TenantState.ACTIVE: "shop.resumed",
    TenantState.CLOSED: "shop.closed",
}
EFFECTS = {
    TenantState.SUSPENDED: [
        N_("The shop's pages answer that it is resting; nobody can order or pay."),
        N_("Pages on which shoppers are paying are closed. Money that still arrives counts."),
        N_("Shoppers keep the pages of their orders, with their pick-up codes."),
        N_("Its people hand over orders, give money back and export; they change nothing else."),
        N_("What its people write does not leave in mails any more."),
        N_("It can be resumed at any time."),
    ],
    TenantState.ACTIVE: [
        N_("The shop's pages open again, with everything as it was."),
    ],
    TenantState.CLOSED: [
        N_("The shop's pages answer that it is closed, for good."),
        N_("Pages on which shoppers are paying are closed. Money that still arrives goes back."),
        N_("Shoppers keep the pages of their orders, with their pick-up codes."),
        N_("Its owners can still hand over orders, give money back and export; no one else can."),
        N_("Its address is never given to another shop. Nothing is deleted."),
    ],
}


@dataclass(frozen=True)
class Preview:
    """What a change of state would do, before anyone decides."""

    now: TenantState
    allowed: bool
    address: str
    people: int
    effects: list[str]


def suspend_tenant(*, tenant_id: UUID, reason: str) -> None:
    """Nothing is ordered or paid in the shop until it is resumed; what was ordered is handed over
    or given back. Refused unless it is active."""
    _change_state(tenant_id, TenantState.SUSPENDED, reason)


def resume_tenant(*, tenant_id: UUID, reason: str) -> None:
    """The shop is open again. Refused unless it is suspended."""
    _change_state(tenant_id, TenantState.ACTIVE, reason)


def close_tenant(*, tenant_id: UUID, reason: str) -> None:
    """The shop sells no more, for good. Its owners wind it up, shoppers keep their papers, nothing
    is deleted. Refused when closed."""
    _change_state(tenant_id, TenantState.CLOSED, reason)


def preview_state(*, tenant_id: UUID, to: TenantState) -> Preview:
    """What a change to this state would do; effects are marked for translation."""
    tenant = get_tenant(tenant_id)
    with acting_for(tenant_id):
        people = len(list_members())
        address = shop_origin(tenant_id)
    return Preview(tenant.state, tenant.state in FROM[to], address, people, EFFECTS[to])


def _change_state(tenant_id: UUID, to: TenantState, reason: str) -> None:
    if not reason.strip():
        raise NeedsReason
    with acting_for(tenant_id), transaction():
        tenant = get_tenant(tenant_id, lock=True)
        if tenant.state not in FROM[to]:
            raise WrongState(state=tenant.state.value)
        _set(tenant, to, reason.strip())
        record(action=TOPICS[to], subject=str(tenant_id), reason=reason)
        alert(action=TOPICS[to], subject=str(tenant_id))
        announce(TOPICS[to])


def _set(tenant: Tenant, to: TenantState, reason: str) -> None:
    tenant.state, tenant.state_reason, tenant.state_changed_at = to, reason, clock.now()
