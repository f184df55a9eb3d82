"""People join shops and leave them."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kernel.db import new_id, transaction
from kernel.scope import current_tenant_id
from tenants.people.models import Membership, PersonTenant
from tenants.people.queries import find_membership
from tenants.people.rules import Role


def join_shop(*, person_id: UUID, role: Role) -> None:
    """The person works in the shop acted for, in this role; someone who had left is back."""
    with transaction() as session:
        session.execute(
            insert(PersonTenant)
            .values(id=new_id(), person_id=person_id, tenant_id=current_tenant_id())
            .on_conflict_do_nothing()
        )
        if find_membership(person_id) is None:
            session.execute(
                insert(Membership)
                .values(id=new_id(), tenant_id=current_tenant_id(), person_id=person_id, role=role)
                .on_conflict_do_update(
                    index_elements=["tenant_id", "person_id"],
                    set_={"role": role, "left_at": None},
                )
            )
