"""Who may open a page of a shop's back office: deny unless the role says otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_login import current_user
from werkzeug.exceptions import NotFound

from kernel import clock
from kernel.errors import Forbidden
from kernel.policy import Policy, View, declare, guard
from kernel.web import enter
from tenants.accounts.models import TenantState
from tenants.accounts.queries import find_tenant_by_slug
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.factors.queries import due_of
from tenants.people.models import Membership
from tenants.people.queries import find_membership, may_enter
from tenants.people.rules import Permission, Role, may_now
from tenants.resolve import enter_tenant
from tenants.signin.access import ask_for_proof, ask_to_sign_in, lead_to_set_up


@dataclass(frozen=True)
class MemberHere:
    """The person at work, in the shop whose page this is."""

    person_id: UUID
    name: str
    role: Role
    shop_state: TenantState

    def can(self, permission: Permission) -> bool:
        """Whether their role carries a permission, as the shop stands now."""
        return may_now(self.role, permission, self.shop_state)


def requires(permission: Permission, *, step_up: bool = False) -> Callable[[View], View]:
    """Only members of the shop whose role carries the permission; with `step_up`, who have just
    proved again who they are."""
    return declare(Policy("member", permission.value, step_up))


def enforce(policy: Policy) -> None:
    """Strangers learn nothing (404), colleagues hear what their role lacks (403)."""
    if not current_user.is_authenticated:
        ask_to_sign_in()
    tenant = find_tenant_by_slug(g.slug)
    if tenant is None:
        raise NotFound
    if not may_enter(person_id=current_user.id, tenant_id=tenant.id):
        raise NotFound
    enter_tenant(tenant.id)
    membership = find_membership(current_user.id)
    if membership is None or _is_shut_to(membership.role, tenant.state):
        raise NotFound
    g.tenant = tenant
    g.member = MemberHere(current_user.id, current_user.name, membership.role, tenant.state)
    enter(acting_as(Actor(ActorKind.PERSON, g.member.person_id, g.member.name)))
    if not g.member.can(Permission(policy.needs)):
        raise Forbidden
    ask_for_factor(membership)
    if policy.step_up:
        ask_for_proof()


def ask_for_factor(membership: Membership) -> None:
    """Whoever needs a second factor here hears until when, and is then led to set it up."""
    g.factor_due = None
    if current_user.second_factor_since is None:
        due = due_of(g.profile, role=membership.role, joined_at=membership.joined_at)
        if due is not None and due <= clock.now():
            lead_to_set_up()
        g.factor_due = due


def _is_shut_to(role: Role, state: TenantState) -> bool:
    """A closed shop is wound up by its owners alone."""
    return state is TenantState.CLOSED and role is not Role.OWNER


guard("member", enforce)
