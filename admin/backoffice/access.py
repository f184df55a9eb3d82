"""Who may open a page of a shop's back office: deny unless the role says otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_login import current_user
from werkzeug.exceptions import NotFound

from kernel.errors import Forbidden
from kernel.policy import Policy, View, declare, guard
from kernel.web import enter
from tenants.accounts.models import TenantState
from tenants.accounts.queries import find_tenant_by_slug
from tenants.audit.actors import Actor, ActorKind, acting_as
from tenants.people.queries import find_membership, may_enter
from tenants.people.rules import Permission, Role, may_now
from tenants.resolve import enter_tenant
from tenants.signin.access import ask_to_sign_in


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


def requires(permission: Permission) -> Callable[[View], View]:
    """Only members of the shop whose role carries the permission."""
    return declare(Policy("member", permission.value))


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


def _is_shut_to(role: Role, state: TenantState) -> bool:
    """A closed shop is wound up by its owners alone."""
    return state is TenantState.CLOSED and role is not Role.OWNER


guard("member", enforce)
